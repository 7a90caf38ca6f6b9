// Lloyd passes that leave most distances out, by the triangle inequality (Hamerly 2010): a point whose centre is nearer than any
// other can have come since the last pass keeps its label. All bounds are rigorous, whatever the rounding, so labels and sums
// are to the bit those of `swiftlet_kmeans_nearest`.
#include "kmeans_block.h"

#include <string.h>

// A float below a lower bound, made of values that are right to a few units in the last place.
static inline float below(double value) { return value > 0 ? (float)(value * (1 - 0x1p-20)) : 0; }

void swiftlet_kmeans_bounds_prepare(const swiftlet_centres *set, const double *before, swiftlet_bounds *bounds) {
  const int64_t d = set->dimensions, k = set->clusters, lanes = (d + LANES - 1) / LANES * LANES;
  const int64_t wide = (k + LANES - 1) / LANES * LANES;
  memset(bounds->rows, 0, sizeof(float) * (size_t)(k * lanes));
  memset(bounds->columns, 0, sizeof(float) * (size_t)(d * wide));
  double largest = 0, second = 0;
  int64_t farthest = 0;
  for (int64_t c = 0; c < k; c++) {
    double moved = 0, squares = 0;
    for (int64_t j = 0; j < d; j++) {
      const double value = set->centres[c * d + j], step = value - before[c * d + j];
      moved += step * step;
      squares += value * value;
      bounds->rows[c * lanes + j] = (float)value;
      bounds->columns[j * wide + c] = (float)(-2 * value);
    }
    // How far the rounded centre may be from the true one.
    bounds->rounding[c] = above(sqrt(squares) * UNIT * 1.01 + (double)d * FLT_MIN);
    moved = sqrt(moved);
    if (moved > largest) second = largest, largest = moved, farthest = c;
    else if (moved > second) second = moved;
  }
  // What the distance to the nearest other centre can have lost: the largest move of any centre but one's own.
  for (int64_t c = 0; c < k; c++) bounds->moved[c] = above((c == farthest ? second : largest) * (1 + 0x1p-20));
}

// Squared float32 distances of 64 points to the centres of their labels.
static inline __attribute__((always_inline)) void own_distances(
    const float *restrict x, int64_t d, const int32_t *restrict label, const float *restrict rows, float *restrict squares) {
#pragma clang fp contract(fast) reassociate(on)
  const int64_t lanes = (d + LANES - 1) / LANES * LANES;
  for (int g = 0; g < BLOCK; g += LANES) {
    vfloat sum[LANES];
    for (int i = 0; i < LANES; i++) sum[i] = (vfloat)0.0f;
    for (int64_t j = 0; j < d; j += LANES) {
      vfloat a[LANES], b[LANES];
      for (int q = 0; q < LANES; q++) a[q] = j + q < d ? *(const vfloat *)(x + (j + q) * BLOCK + g) : (vfloat)0.0f;
      transpose(a, b);
      for (int i = 0; i < LANES; i++) {
        const vfloat t = a[i] - *(const vfloat *)(rows + label[g + i] * lanes + j);
        sum[i] += t * t;
      }
    }
    // The sums of 16 vectors are the columns' sums of their transpose.
    vfloat b[LANES];
    transpose(sum, b);
    vfloat total = sum[0];
    for (int i = 1; i < LANES; i++) total += sum[i];
    *(vfloat *)(squares + g) = total;
  }
}

// One point against all centres, which lie side by side: its label and the lower bound of its distance to the others.
static inline __attribute__((always_inline)) int32_t one_point(
    const float *restrict x, const swiftlet_centres *restrict set, const float *restrict columns,
    const float *restrict start, const float *restrict error, int *restrict close, float *restrict lower) {
#pragma clang fp contract(fast)
  const int64_t d = set->dimensions, k = set->clusters, wide = (k + LANES - 1) / LANES * LANES;
  vfloat best = (vfloat)INFINITY, second = best;
  vint label = 0;
  const vint lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  double norm = 0;
  for (int64_t j = 0; j < d; j++) norm += (double)x[j * BLOCK] * (double)x[j * BLOCK];
  for (int64_t c = 0; c < wide; c += 4 * LANES) {
    const int vectors = wide - c < 4 * LANES ? (int)((wide - c) / LANES) : 4;
    vfloat s[4];
    for (int v = 0; v < 4; v++) s[v] = v < vectors ? *(const vfloat *)(start + c + v * LANES) : (vfloat)INFINITY;
    if (vectors == 4) {
      for (int64_t j = 0; j < d; j++)
        for (int v = 0; v < 4; v++) s[v] += x[j * BLOCK] * *(const vfloat *)(columns + j * wide + c + v * LANES);
    } else {
      for (int64_t j = 0; j < d; j++)
        for (int v = 0; v < 4; v++)
          if (v < vectors) s[v] += x[j * BLOCK] * *(const vfloat *)(columns + j * wide + c + v * LANES);
    }
    for (int v = 0; v < vectors; v++) {
      const vint less = s[v] < best;
      const vfloat other = less ? best : s[v];
      second = other < second ? other : second;
      best = less ? s[v] : best;
      label = less ? lane + (int32_t)(c + v * LANES) : label;
    }
  }
  // Of the 16 lanes: the first of the smallest, and the smallest of what is left.
  float first = INFINITY, next = INFINITY;
  int32_t found = 0;
  for (int i = 0; i < LANES; i++) {
    if (best[i] < first || (best[i] == first && label[i] < found)) {
      next = first < next ? first : next;
      first = best[i], found = label[i];
    } else {
      next = best[i] < next ? best[i] : next;
    }
    next = second[i] < next ? second[i] : next;
  }
  *close = !(next - first > 2.001f * error[found]) && k > 1;
  *lower = below(sqrt(fmax(0, norm * (1 - 0x1p-20) + next)));
  return found;
}

// Lower bounds of |x|² of 64 points.
static inline __attribute__((always_inline)) void norms(const float *restrict x, int64_t d, double *restrict norm) {
#pragma clang fp contract(fast)
  for (int i = 0; i < BLOCK; i++) norm[i] = 0;
  for (int64_t j = 0; j < d; j++)
    for (int i = 0; i < BLOCK; i++) norm[i] += (double)x[j * BLOCK + i] * (double)x[j * BLOCK + i];
  for (int i = 0; i < BLOCK; i++) norm[i] *= 1 - 0x1p-20;
}

CLONES int64_t swiftlet_kmeans_nearest_again(
    const float *data, const float *radius, int64_t rows, const swiftlet_centres *set, swiftlet_bounds *bounds,
    int trust, int32_t *labels, float *lower, double *sums, int64_t *counts) {
  const int64_t d = set->dimensions, k = set->clusters;
  const int64_t wide = (k + LANES - 1) / LANES * LANES;
  float *start = bounds->scratch, *error = bounds->scratch + wide;
  // A computed squared distance is right to d + 3 units in the last place; two more for its root and the product with this.
  const float widen = 1 + (float)(d + 8) * 0x1p-24f * 1.01f;
  float best[BLOCK] __attribute__((aligned(64))), second[BLOCK] __attribute__((aligned(64)));
  float squares[BLOCK] __attribute__((aligned(64)));
  int32_t label[BLOCK] __attribute__((aligned(64)));
  double norm[BLOCK];
  int64_t looked = 0;
  for (int64_t b = 0; b * BLOCK < rows; b++) {
    const float *x = data + b * d * BLOCK;
    const int count = rows - b * BLOCK < BLOCK ? (int)(rows - b * BLOCK) : BLOCK;
    float *bound = lower + b * BLOCK;
    uint64_t open = trust ? 0 : count < BLOCK ? ((uint64_t)1 << count) - 1 : UINT64_MAX;
    for (int i = 0; i < BLOCK; i++) label[i] = i < count ? labels[b * BLOCK + i] : 0;
    if (trust) own_distances(x, d, label, bounds->rows, squares);
    for (int i = 0; trust && i < count; i++) {
      const float other = (bound[i] - bounds->moved[label[i]]) * (1 - 0x1p-22f);
      const float own = sqrtf(squares[i]) * widen + bounds->rounding[label[i]];
      bound[i] = other;
      // The margin is far over what the float64 sums of the definition, and squares that underflow, can be wrong. NaN is not less.
      open |= (uint64_t)!(own * (1 + 0x1p-20f) + 0x1p-60f < other) << i;
    }
    if (open) {
      float largest = 0;
      for (int64_t c = 0; c < k; c++) {
        error[c] = set->slope[c] * radius[b] + set->offset[c];
        start[c] = set->norm[c] - error[c];
        largest = error[c] > largest ? error[c] : largest;
      }
      for (int64_t c = k; c < wide; c++) error[c] = 0, start[c] = INFINITY;
      looked += __builtin_popcountll(open);
      if (__builtin_popcountll(open) > BLOCK / 3) {
        for (int h = 0; h < 2; h++)
          scores(x + h * 2 * LANES, set, start, best + h * 2 * LANES, second + h * 2 * LANES, label + h * 2 * LANES);
        norms(x, d, norm);
        for (int i = 0; i < count; i++) {
          const double square = norm[i] + second[i];
          bound[i] = square > 0 ? (float)sqrt(square) * (1 - 0x1p-20f) : 0;
          if (!(second[i] - best[i] > 2.001f * error[label[i]]) && k > 1) label[i] = nearest_precisely(x + i, set), bound[i] = 0;
        }
      } else {
        for (uint64_t rest = open; rest; rest &= rest - 1) {
          const int i = __builtin_ctzll(rest);
          int close;
          label[i] = one_point(x + i, set, bounds->columns, start, error, &close, bound + i);
          // Which of two it is near to does not matter to the bound of the others, but is not known here.
          if (close) label[i] = nearest_precisely(x + i, set), bound[i] = 0;
        }
      }
    }
    for (int i = 0; i < count; i++) labels[b * BLOCK + i] = label[i];
    add_block(x, d, count, label, sums, counts);
  }
  return looked;
}
