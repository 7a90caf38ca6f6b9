#include "kmeans_block.h"

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
