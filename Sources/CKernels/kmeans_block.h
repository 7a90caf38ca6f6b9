#pragma once
// Building blocks of the passes over blocks of points.
#include "CKernels.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

// The loader resolves clones before Thread Sanitizer is initialized and would call into it.
#if defined(__has_feature) && __has_feature(thread_sanitizer)
#define CLONES
#elif defined(__x86_64__) && defined(__linux__)
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif

#define BLOCK SWIFTLET_BLOCK
#define GROUP SWIFTLET_GROUP
#define LANES 16

typedef float vfloat __attribute__((ext_vector_type(LANES)));
typedef float unaligned_vfloat __attribute__((ext_vector_type(LANES), aligned(4)));
typedef int32_t vint __attribute__((ext_vector_type(LANES)));
typedef double vdouble __attribute__((ext_vector_type(LANES / 2)));

typedef bool vbool __attribute__((ext_vector_type(LANES)));

// Which of 16 lanes are true, as bits.
#define BITS(condition)                                             \
  ({                                                                \
    const vbool lanes_ = __builtin_convertvector(condition, vbool); \
    uint16_t bits_;                                                 \
    memcpy(&bits_, &lanes_, sizeof bits_);                          \
    bits_;                                                          \
  })

#define LOW_HALF(x) __builtin_shufflevector(x, x, 0, 1, 2, 3, 4, 5, 6, 7)
#define HIGH_HALF(x) __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15)

static const vint LANE = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

// Unit roundoff of float32.
static const double UNIT = 0x1p-24;

static inline float above(double value) { return nextafterf((float)value, INFINITY); }

// The definition, for one point.
static inline int32_t nearest_precisely(const float *point, const swiftlet_centroids *set) {
  const int64_t d = set->dimensions;
  int32_t label = 0;
  double best = INFINITY;
  for (int64_t c = 0; c < set->clusters; c++) {
    double sum = 0;
    for (int64_t j = 0; j < d; j++) {
      const double t = (double)point[j] - set->centroids[c * d + j];
      sum += t * t;
    }
    if (sum < best) {
      best = sum;
      label = (int32_t)c;
    }
  }
  return label;
}

// Scores of the points of a tile against all centroids: lower bounds of |x - c|² - |x|², of which it keeps the smallest two.
static inline __attribute__((always_inline)) void scores(
    const float *restrict tile, const swiftlet_centroids *restrict set, const float *restrict start,
    float *restrict best, float *restrict second, int32_t *restrict label) {
  // The bound holds with and without rounding between product and addition, so only here they may be fused.
#pragma clang fp contract(fast)
  const int64_t d = set->dimensions, k = set->clusters;
  vfloat best0 = (vfloat)INFINITY, best1 = best0, second0 = best0, second1 = best0;
  vint label0 = 0, label1 = 0;
  for (int64_t g = 0; g < k; g += GROUP) {
    const float *restrict c = set->packed + g * d;
    vfloat s[GROUP][2];
    for (int q = 0; q < GROUP; q++) s[q][0] = s[q][1] = (vfloat)start[g + q];
    for (int64_t j = 0; j < d; j++) {
      const vfloat x0 = *(const vfloat *)(tile + j * BLOCK), x1 = *(const vfloat *)(tile + j * BLOCK + LANES);
      for (int q = 0; q < GROUP; q++) {
        const float value = c[j * GROUP + q];
        s[q][0] += x0 * value;
        s[q][1] += x1 * value;
      }
    }
    for (int q = 0; q < GROUP; q++) {
      const vint less0 = s[q][0] < best0, less1 = s[q][1] < best1;
      const vfloat other0 = less0 ? best0 : s[q][0], other1 = less1 ? best1 : s[q][1];
      second0 = other0 < second0 ? other0 : second0;
      second1 = other1 < second1 ? other1 : second1;
      best0 = less0 ? s[q][0] : best0;
      best1 = less1 ? s[q][1] : best1;
      label0 = less0 ? (vint)(int32_t)(g + q) : label0;
      label1 = less1 ? (vint)(int32_t)(g + q) : label1;
    }
  }
  *(vfloat *)best = best0, *(vfloat *)(best + LANES) = best1;
  *(vfloat *)second = second0, *(vfloat *)(second + LANES) = second1;
  *(vint *)label = label0, *(vint *)(label + LANES) = label1;
}

// Interleaves two vectors: a0 b0 a1 b1 …, first the lower halves, then the upper ones.
#define LOWER(a, b) __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define UPPER(a, b) __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)

// Four perfect shuffles transpose a 16 × 16 tile in a; b is temporary.
static inline __attribute__((always_inline)) void transpose(vfloat *restrict a, vfloat *restrict b) {
  for (int j = 0; j < 8; j++) b[2 * j] = LOWER(a[j], a[j + 8]), b[2 * j + 1] = UPPER(a[j], a[j + 8]);
  for (int j = 0; j < 8; j++) a[2 * j] = LOWER(b[j], b[j + 8]), a[2 * j + 1] = UPPER(b[j], b[j + 8]);
  for (int j = 0; j < 8; j++) b[2 * j] = LOWER(a[j], a[j + 8]), b[2 * j + 1] = UPPER(a[j], a[j + 8]);
  for (int j = 0; j < 8; j++) a[2 * j] = LOWER(b[j], b[j + 8]), a[2 * j + 1] = UPPER(b[j], b[j + 8]);
}

// 16 columns of a point from `column` on, zeros past the last. Reads up to 15 floats past the point.
static inline __attribute__((always_inline)) void load_lanes(
    vfloat *restrict values, const float *restrict point, int64_t column, int64_t d) {
  *values = *(const unaligned_vfloat *)(point + column);
  if (d - column < LANES) *values = LANE < (vint)(int32_t)(d - column) ? *values : (vfloat)0.0f;
}

// Transposes the `count` points of a block: value j of point i becomes tile[j * BLOCK + i]. Zeros past the last.
static inline __attribute__((always_inline)) void turn(
    const float *restrict points, int64_t d, int count, float *restrict tile) {
  for (int64_t j = 0; j < d; j += LANES) {
    const int columns = d - j < LANES ? (int)(d - j) : LANES;
    // Too few columns for the transposing kernel.
    if (columns <= 4) {
      for (int q = 0; q < columns; q++)
        for (int i = 0; i < BLOCK; i++) tile[(j + q) * BLOCK + i] = i < count ? points[i * d + j + q] : 0;
      return;
    }
    for (int first = 0; first < BLOCK; first += LANES) {
      vfloat a[LANES], b[LANES];
      if (count >= first + LANES)
        for (int i = 0; i < LANES; i++) a[i] = *(const unaligned_vfloat *)(points + (first + i) * d + j);
      else
        for (int i = 0; i < LANES; i++)
          a[i] = first + i < count ? *(const unaligned_vfloat *)(points + (first + i) * d + j) : (vfloat)0.0f;
      transpose(a, b);
      for (int q = 0; q < LANES; q++)
        if (q < columns) *(vfloat *)(tile + (j + q) * BLOCK + first) = a[q];
    }
  }
}
