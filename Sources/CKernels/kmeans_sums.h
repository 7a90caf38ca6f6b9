#pragma once
// Exact sums of points: their order does not matter, and a point can be subtracted again without an error.
//
// Each column has two grids. A value is rounded to the coarse one, which is coarse enough for all points of the matrix to add up
// without rounding, and the remainder to the fine one, finer by the same factor (pre-rounding: Rump, Ogita and Oishi, "Accurate
// floating-point summation", 2008; Demmel and Nguyen, "Fast reproducible floating-point summation", 2013). With 2^L points and a
// column's largest value of 2^e, nothing is lost down to 2^(e + 2L - 107); of 2^20 points 2^-67 of the largest value.
//
// Nothing here may be reassociated: (x + coarse) - coarse is how a value is rounded to a grid.
#include "kmeans_block.h"

// Adds 8 or 16 columns of one point, in x from `column` on, to the sums of a cluster.
static inline __attribute__((always_inline)) void add_lanes(
    const vfloat *restrict x, int64_t column, int halves, int64_t cluster, const swiftlet_sums *restrict sums, double sign) {
  const int64_t lanes = sums->lanes, at = cluster * lanes + column;
  for (int half = 0; half < halves; half++) {
    const vdouble value = __builtin_convertvector(half ? HIGH_HALF(*x) : LOW_HALF(*x), vdouble);
    const int64_t offset = half * (LANES / 2);
    const vdouble coarse = *(const vdouble *)(sums->grid + column + offset);
    const vdouble high = (value + coarse) - coarse, rest = value - high;
    *(vdouble *)(sums->high + at + offset) += sign * high;
    // Rare: values thousands of times smaller than the column's largest.
    if (__builtin_reduce_or(rest != 0)) {
      const vdouble fine = *(const vdouble *)(sums->grid + lanes + column + offset);
      *(vdouble *)(sums->low + at + offset) += sign * ((rest + fine) - fine);
    }
  }
}

static inline __attribute__((always_inline)) void add_point(
    const float *restrict point, int64_t d, int32_t cluster, const swiftlet_sums *restrict sums, double sign) {
  for (int64_t j = 0; j < d; j += LANES) {
    vfloat x;
    load_lanes(&x, point, j, d);
    add_lanes(&x, j, d - j > LANES / 2 ? 2 : 1, cluster, sums, sign);
  }
  sums->counts[cluster] += (int64_t)sign;
}
