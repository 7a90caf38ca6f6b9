#include "kmeans_sums.h"

void swiftlet_kmeans_pack(swiftlet_centroids *set) {
  const int64_t d = set->dimensions, k = set->clusters, padded = (k + GROUP - 1) / GROUP * GROUP;
  const int64_t wide = (k + LANES - 1) / LANES * LANES;
  // A score is |c|² - 2 x·c. Rounding c (1), |c|² and its bound (2), d products and d additions, and one for
  // higher-order terms: every term passes through at most d + 5 roundings. Underflow adds at most the smallest normal
  // number an operation.
  const double factor = (double)(d + 5) * UNIT * 1.01;
  const double tiny = (double)(2 * d + 4) * FLT_MIN;
  set->precise = 0;
  for (int64_t c = padded; c < wide; c++) set->norm[c] = INFINITY, set->slope[c] = set->offset[c] = 0;
  for (int64_t c = 0; c < padded; c++) {
    float *packed = set->packed + (c / GROUP) * d * GROUP + c % GROUP;
    double squares = 0;
    for (int64_t j = 0; j < d; j++) {
      const double value = c < k ? set->centroids[c * d + j] : 0;
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

// 1.5 × 2^(exponent + bits - 1): adding it to a value of up to 2^exponent rounds the value so that 2^bits of them add up exactly.
static double rounder(int exponent, int bits) { return ldexp(1.5, exponent + bits - 1); }

void swiftlet_kmeans_measure(const float *data, int64_t rows, int64_t d, float *radius, double *grid) {
  const int64_t lanes = (d + LANES - 1) / LANES * LANES;
  for (int64_t j = 0; j < lanes; j++) grid[j] = 0;
  for (int64_t b = 0; b * BLOCK < rows; b++) {
    double largest = 0;
    for (int64_t i = b * BLOCK; i < rows && i < (b + 1) * BLOCK; i++) {
      double squares = 0;
      for (int64_t j = 0; j < d; j++) {
        const double value = fabsf(data[i * d + j]);
        squares += value * value;
        grid[j] = value > grid[j] ? value : grid[j];
      }
      largest = squares > largest ? squares : largest;
    }
    radius[b] = above(sqrt(largest));
  }
  int bits = 2;
  while (((int64_t)1 << bits) < rows) bits++;
  for (int64_t j = 0; j < lanes; j++) {
    int exponent;
    frexp(grid[j], &exponent);
    grid[j] = rounder(exponent, bits);
    // The remainder is at most half of the coarse grid's step, 2^(exponent + bits - 53).
    grid[lanes + j] = rounder(exponent + bits - 54, bits);
  }
}

CLONES int64_t swiftlet_kmeans_nearest(
    const float *data, const float *radius, int64_t rows, const swiftlet_centroids *set, int32_t *labels,
    const swiftlet_sums *sums, double *distances) {
  const int64_t d = set->dimensions, k = set->clusters, padded = (k + GROUP - 1) / GROUP * GROUP;
  float *start = set->scratch, *error = set->scratch + padded;
  float best[BLOCK] __attribute__((aligned(64))), second[BLOCK] __attribute__((aligned(64)));
  int32_t label[BLOCK] __attribute__((aligned(64)));
  int64_t rechecked = 0;
  for (int64_t b = 0; b * BLOCK < rows; b++) {
    const float *x = data + b * BLOCK * d;
    const int count = rows - b * BLOCK < BLOCK ? (int)(rows - b * BLOCK) : BLOCK;
    if (set->precise) {
      for (int i = 0; i < count; i++) label[i] = nearest_precisely(x + i * d, set);
      rechecked += count;
    } else {
      float largest = 0;
      for (int64_t c = 0; c < padded; c++) {
        error[c] = set->slope[c] * radius[b] + set->offset[c];
        start[c] = set->norm[c] - error[c];
        largest = error[c] > largest ? error[c] : largest;
      }
      turn(x, d, count, set->tile);
      scores(set->tile, set, start, best, second, label);
      // A score's true value lies within [score, score + 2 error]; the extra is for the rounding of this comparison.
      int close = 0;
      for (int i = 0; i < BLOCK; i++) close |= !(second[i] - best[i] > 2.001f * largest);
      if (close)
        for (int i = 0; i < count; i++)
          if (!(second[i] - best[i] > 2.001f * error[label[i]]) && k > 1) {
            label[i] = nearest_precisely(x + i * d, set);
            rechecked++;
          }
    }
    for (int i = 0; i < count; i++) labels[b * BLOCK + i] = label[i];
    if (sums)
      for (int i = 0; i < count; i++) add_point(x + i * d, d, label[i], sums, 1);
    if (distances)
      for (int i = 0; i < count; i++) {
        const double *centroid = set->centroids + label[i] * d;
        double sum = 0;
        for (int64_t j = 0; j < d; j++) {
          const double t = (double)x[i * d + j] - centroid[j];
          sum += t * t;
        }
        distances[b * BLOCK + i] = sum;
      }
  }
  return rechecked;
}

// Float64 squared distances of the points of a tile to one centroid, each summed in the order of the columns.
static inline __attribute__((always_inline)) void tile_distances(
    const float *restrict tile, const double *restrict centroid, int64_t d, double *restrict sum) {
  for (int i = 0; i < BLOCK; i++) sum[i] = 0;
  for (int64_t j = 0; j < d; j++)
    for (int i = 0; i < BLOCK; i++) {
      const double t = (double)tile[j * BLOCK + i] - centroid[j];
      sum[i] += t * t;
    }
}

CLONES void swiftlet_kmeans_nearest_two(
    const float *data, int64_t rows, const swiftlet_centroids *set, int32_t *labels, double *first,
    double *second) {
  const int64_t d = set->dimensions;
  double sum[BLOCK], best[BLOCK], next[BLOCK];
  int32_t label[BLOCK];
  for (int64_t b = 0; b * BLOCK < rows; b++) {
    const int count = rows - b * BLOCK < BLOCK ? (int)(rows - b * BLOCK) : BLOCK;
    turn(data + b * BLOCK * d, d, count, set->tile);
    for (int i = 0; i < BLOCK; i++) best[i] = next[i] = INFINITY, label[i] = 0;
    for (int64_t c = 0; c < set->clusters; c++) {
      tile_distances(set->tile, set->centroids + c * d, d, sum);
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
    const float *data, int64_t rows, int64_t d, const double *centroids, int64_t count, float *tile, double *distances) {
  double sum[BLOCK];
  for (int64_t b = 0; b * BLOCK < rows; b++) {
    const int points = rows - b * BLOCK < BLOCK ? (int)(rows - b * BLOCK) : BLOCK;
    turn(data + b * BLOCK * d, d, points, tile);
    for (int64_t c = 0; c < count; c++) {
      tile_distances(tile, centroids + c * d, d, sum);
      for (int i = 0; i < points; i++) distances[c * rows + b * BLOCK + i] = sum[i];
    }
  }
}
