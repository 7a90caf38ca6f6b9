#include "CKernels.h"

#include <float.h>
#include <math.h>
#include <stddef.h>

#if defined(__x86_64__) && defined(__linux__)
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif

#define BLOCK SWIFTLET_BLOCK
#define GROUP SWIFTLET_GROUP
#define LANES 16

typedef float vfloat __attribute__((ext_vector_type(LANES)));
typedef int32_t vint __attribute__((ext_vector_type(LANES)));

// Unit roundoff of float32.
static const double UNIT = 0x1p-24;

static float above(double value) { return nextafterf((float)value, INFINITY); }

void swiftlet_kmeans_pack(swiftlet_centres *set) {
  const int64_t d = set->dimensions, k = set->clusters, padded = (k + GROUP - 1) / GROUP * GROUP;
  // A score is |c|² - 2 x·c. Rounding c (1), |c|² and its bound (2), d products and d additions, and one for
  // higher-order terms: every term passes through at most d + 5 roundings. Underflow adds at most the smallest normal
  // number an operation.
  const double factor = (double)(d + 5) * UNIT * 1.01;
  const double tiny = (double)(2 * d + 4) * FLT_MIN;
  set->precise = 0;
  for (int64_t c = 0; c < padded; c++) {
    float *packed = set->packed + (c / GROUP) * d * GROUP + c % GROUP;
    double squares = 0;
    for (int64_t j = 0; j < d; j++) {
      const double value = c < k ? set->centres[c * d + j] : 0;
      squares += value * value;
      packed[j * GROUP] = (float)(-2 * value);
    }
    set->norm[c] = c < k ? (float)squares : INFINITY;
    set->slope[c] = c < k ? above(factor * 2 * sqrt(squares)) : 0;
    set->offset[c] = c < k ? above(factor * squares + tiny) : 0;
    // Scores must stay far from overflow; NaN is caught too.
    if (!(squares < 1e30)) set->precise = 1;
  }
}

void swiftlet_kmeans_radii(const float *data, int64_t rows, int64_t d, float *radius) {
  for (int64_t b = 0; b * BLOCK < rows; b++) {
    double squares[BLOCK] = {0}, largest = 0;
    for (int64_t j = 0; j < d; j++)
      for (int i = 0; i < BLOCK; i++) {
        const double value = data[(b * d + j) * BLOCK + i];
        squares[i] += value * value;
      }
    for (int i = 0; i < BLOCK; i++) largest = squares[i] > largest ? squares[i] : largest;
    radius[b] = above(sqrt(largest));
  }
}

// The definition, for one point.
static int32_t nearest_precisely(const float *point, const swiftlet_centres *set) {
  const int64_t d = set->dimensions;
  int32_t label = 0;
  double best = INFINITY;
  for (int64_t c = 0; c < set->clusters; c++) {
    double sum = 0;
    for (int64_t j = 0; j < d; j++) {
      const double t = (double)point[j * BLOCK] - set->centres[c * d + j];
      sum += t * t;
    }
    if (sum < best) {
      best = sum;
      label = (int32_t)c;
    }
  }
  return label;
}

// Scores of 32 points against all centres: lower bounds of |x - c|² - |x|², of which it keeps the smallest two.
static inline __attribute__((always_inline)) void scores(
    const float *restrict x, const swiftlet_centres *restrict set, const float *restrict start,
    float *restrict best, float *restrict second, int32_t *restrict label) {
  // The bound holds with or without the rounding between a product and its addition, so here alone they may be fused.
#pragma clang fp contract(fast)
  const int64_t d = set->dimensions, k = set->clusters;
  vfloat best0 = (vfloat)INFINITY, best1 = best0, second0 = best0, second1 = best0;
  vint label0 = 0, label1 = 0;
  for (int64_t g = 0; g < k; g += GROUP) {
    const float *restrict c = set->packed + g * d;
    vfloat s[GROUP][2];
    for (int q = 0; q < GROUP; q++) s[q][0] = s[q][1] = (vfloat)start[g + q];
    for (int64_t j = 0; j < d; j++) {
      const vfloat x0 = *(const vfloat *)(x + j * BLOCK), x1 = *(const vfloat *)(x + j * BLOCK + LANES);
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

// Adds 16 columns of 16 points to the sums of their clusters, point after point. Four perfect shuffles transpose a
// 16 × 16 tile, so that each point's values can be added as a vector.
static inline __attribute__((always_inline)) void add_tile(
    const float *restrict x, int64_t d, int count, const int32_t *restrict label, double *restrict sums) {
  vfloat a[LANES], b[LANES];
  for (int j = 0; j < LANES; j++) a[j] = *(const vfloat *)(x + j * BLOCK);
  for (int j = 0; j < 8; j++) b[2 * j] = LOWER(a[j], a[j + 8]), b[2 * j + 1] = UPPER(a[j], a[j + 8]);
  for (int j = 0; j < 8; j++) a[2 * j] = LOWER(b[j], b[j + 8]), a[2 * j + 1] = UPPER(b[j], b[j + 8]);
  for (int j = 0; j < 8; j++) b[2 * j] = LOWER(a[j], a[j + 8]), b[2 * j + 1] = UPPER(a[j], a[j + 8]);
  for (int j = 0; j < 8; j++) a[2 * j] = LOWER(b[j], b[j + 8]), a[2 * j + 1] = UPPER(b[j], b[j + 8]);
  for (int i = 0; i < count; i++) {
    double *sum = sums + label[i] * d;
    for (int j = 0; j < LANES; j++) sum[j] += (double)((const float *)&a[i])[j];
  }
}


static inline __attribute__((always_inline)) void add_block(
    const float *restrict x, int64_t d, int count, const int32_t *restrict label, double *restrict sums,
    int64_t *restrict counts) {
  for (int i = 0; i < count; i++) counts[label[i]]++;
  int64_t j = 0;
  for (; j + LANES <= d; j += LANES)
    for (int i = 0; i < count; i += LANES)
      add_tile(x + j * BLOCK + i, d, count - i < LANES ? count - i : LANES, label + i, sums + j);
  if (j < d)
    for (int i = 0; i < count; i++)
      for (int64_t r = j; r < d; r++) sums[label[i] * d + r] += (double)x[r * BLOCK + i];
}

CLONES int64_t swiftlet_kmeans_nearest(
    const float *data, const float *radius, int64_t rows, const swiftlet_centres *set, int32_t *labels,
    double *sums, int64_t *counts, double *distances) {
  const int64_t d = set->dimensions, k = set->clusters, padded = (k + GROUP - 1) / GROUP * GROUP;
  float *start = set->scratch, *error = set->scratch + padded;
  float best[BLOCK] __attribute__((aligned(64))), second[BLOCK] __attribute__((aligned(64)));
  int32_t label[BLOCK] __attribute__((aligned(64)));
  int64_t rechecked = 0;
  for (int64_t b = 0; b * BLOCK < rows; b++) {
    const float *x = data + b * d * BLOCK;
    const int count = rows - b * BLOCK < BLOCK ? (int)(rows - b * BLOCK) : BLOCK;
    if (set->precise) {
      for (int i = 0; i < count; i++) label[i] = nearest_precisely(x + i, set);
      rechecked += count;
    } else {
      float largest = 0;
      for (int64_t c = 0; c < padded; c++) {
        error[c] = set->slope[c] * radius[b] + set->offset[c];
        start[c] = set->norm[c] - error[c];
        largest = error[c] > largest ? error[c] : largest;
      }
      scores(x, set, start, best, second, label);
      scores(x + 2 * LANES, set, start, best + 2 * LANES, second + 2 * LANES, label + 2 * LANES);
      // A score's true value lies within [score, score + 2 error]; the extra is for the rounding of this comparison.
      int close = 0;
      for (int i = 0; i < BLOCK; i++) close |= !(second[i] - best[i] > 2.001f * largest);
      if (close)
        for (int i = 0; i < count; i++)
          if (!(second[i] - best[i] > 2.001f * error[label[i]]) && k > 1) {
            label[i] = nearest_precisely(x + i, set);
            rechecked++;
          }
    }
    for (int i = 0; i < count; i++) labels[b * BLOCK + i] = label[i];
    if (sums)
      add_block(x, d, count, label, sums, counts);
    if (distances)
      for (int i = 0; i < count; i++) {
        const double *centre = set->centres + label[i] * d;
        double sum = 0;
        for (int64_t j = 0; j < d; j++) {
          const double t = (double)x[j * BLOCK + i] - centre[j];
          sum += t * t;
        }
        distances[b * BLOCK + i] = sum;
      }
  }
  return rechecked;
}

// Float64 squared distances of the 64 points of a block to one centre, each summed in the order of the columns.
static inline __attribute__((always_inline)) void block_distances(
    const float *restrict x, const double *restrict centre, int64_t d, double *restrict sum) {
  for (int i = 0; i < BLOCK; i++) sum[i] = 0;
  for (int64_t j = 0; j < d; j++)
    for (int i = 0; i < BLOCK; i++) {
      const double t = (double)x[j * BLOCK + i] - centre[j];
      sum[i] += t * t;
    }
}

CLONES void swiftlet_kmeans_nearest_two(
    const float *data, int64_t rows, const swiftlet_centres *set, int32_t *labels, double *first,
    double *second) {
  const int64_t d = set->dimensions;
  double sum[BLOCK], best[BLOCK], next[BLOCK];
  int32_t label[BLOCK];
  for (int64_t b = 0; b * BLOCK < rows; b++) {
    const int count = rows - b * BLOCK < BLOCK ? (int)(rows - b * BLOCK) : BLOCK;
    for (int i = 0; i < BLOCK; i++) best[i] = next[i] = INFINITY, label[i] = 0;
    for (int64_t c = 0; c < set->clusters; c++) {
      block_distances(data + b * d * BLOCK, set->centres + c * d, d, sum);
      for (int i = 0; i < BLOCK; i++) {
        const int less = sum[i] < best[i];
        const double other = less ? best[i] : sum[i];
        next[i] = other < next[i] ? other : next[i];
        best[i] = less ? sum[i] : best[i];
        label[i] = less ? (int32_t)c : label[i];
      }
    }
    for (int i = 0; i < count; i++) {
      labels[b * BLOCK + i] = label[i];
      first[b * BLOCK + i] = best[i];
      second[b * BLOCK + i] = next[i];
    }
  }
}

CLONES void swiftlet_kmeans_distances(
    const float *data, int64_t rows, int64_t d, const double *centre, double *distances) {
  double sum[BLOCK];
  for (int64_t b = 0; b * BLOCK < rows; b++) {
    const int count = rows - b * BLOCK < BLOCK ? (int)(rows - b * BLOCK) : BLOCK;
    block_distances(data + b * d * BLOCK, centre, d, sum);
    for (int i = 0; i < count; i++) distances[b * BLOCK + i] = sum[i];
  }
}
