#pragma once
// What a pass that keeps bounds computes about a point and stores.
#include "kmeans_sums.h"

// Tables of a pass.
typedef struct {
  const swiftlet_centroids *set;
  const swiftlet_bounds *bounds;
  int64_t lanes, wide;
  const float *others, *both;  // from the bounds, rounded up
  float *start;                // of the current block
  float widen;                 // makes a computed distance an upper bound
} pass_tables;

// An upper bound of a point's distance to its own centroid, and a lower one of those to all others.
typedef struct {
  int32_t label;
  float own, other;
} finding;

// A lower bound may be lowered: infinities would become NaN.
#define LARGEST 0x1p100f

// The margin is far above the error of the float64 sums of the definition and of underflowing squares.
#define WITH_MARGIN(own) ((own) * (1 + 0x1p-19f) + 0x1p-60f)

// The stored form of a lower bound and a slack; `others` and `both` are those of the label.
#define KEPT_LOWER(other, others) (((other) + (others)) * (1 - 0x1p-21f))
#define KEPT_SLACK(own, other, both) \
  ((other) - WITH_MARGIN(own) + (both) - 0x1p-21f * ((other) + WITH_MARGIN(own) + (both)))

static inline void keep(finding point, const pass_tables *restrict tables, float *restrict slack, float *restrict lower) {
  *lower = KEPT_LOWER(point.other, tables->others[point.label]);
  *slack = KEPT_SLACK(point.own, point.other, tables->both[point.label]);
}

static inline __attribute__((always_inline)) void gather(
    vfloat *restrict values, const float *restrict table, const int32_t *restrict label) {
  float found[LANES];
  for (int i = 0; i < LANES; i++) found[i] = table[label[i]];
  *values = *(const unaligned_vfloat *)found;
}

#define ACROSS(x, ...) __builtin_shufflevector(x, x, __VA_ARGS__)

static inline __attribute__((always_inline)) float total(const vfloat *x) {
  vfloat sum = *x + ACROSS(*x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
  sum += ACROSS(sum, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3);
  sum += ACROSS(sum, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1);
  return sum[0] + sum[1];
}

// An upper bound of a point's distance to a centroid.
static inline __attribute__((always_inline)) float distance(
    const float *restrict point, int32_t label, const pass_tables *restrict tables) {
#pragma clang fp contract(fast) reassociate(on)
  const float *restrict centroid = tables->bounds->rows + label * tables->lanes;
  vfloat sum = (vfloat)0.0f;
  for (int64_t j = 0; j < tables->lanes; j += LANES) {
    vfloat x;
    load_lanes(&x, point, j, tables->set->dimensions);
    x -= *(const vfloat *)(centroid + j);
    sum += x * x;
  }
  return sqrtf(total(&sum)) * tables->widen + tables->bounds->rounding[label];
}

// Reduces two halves of lanes to the smallest and second smallest values, with the label of the smallest.
#define FOLD(...)                                               \
  do {                                                          \
    const vfloat b = ACROSS(best, __VA_ARGS__);                 \
    const vfloat s = ACROSS(second, __VA_ARGS__);               \
    const vint l = ACROSS(label, __VA_ARGS__);                  \
    const vint less = (b < best) | ((b == best) & (l < label)); \
    const vfloat loser = less ? best : b;                       \
    second = s < second ? s : second;                           \
    second = loser < second ? loser : second;                   \
    best = less ? b : best;                                     \
    label = less ? l : label;                                   \
  } while (0)

// One point against all centroids, which lie side by side.
static inline __attribute__((always_inline)) finding nearest_of_all(
    const float *restrict point, const pass_tables *restrict tables) {
#pragma clang fp contract(fast) reassociate(on)
  const swiftlet_centroids *restrict set = tables->set;
  const int64_t d = set->dimensions, k = set->clusters, wide = tables->wide, lanes = tables->lanes;
  const float *restrict columns = tables->bounds->columns;
  vfloat best = (vfloat)INFINITY, second = best, squares = (vfloat)0.0f;
  vint label = 0;
  for (int64_t j = 0; j < lanes; j += LANES) {
    vfloat x;
    load_lanes(&x, point, j, d);
    squares += x * x;
  }
  const float norm = total(&squares);
  const float radius = sqrtf(norm) * tables->widen;
  for (int64_t c = 0; c < wide; c += 4 * LANES) {
    const int vectors = wide - c < 4 * LANES ? (int)((wide - c) / LANES) : 4;
    vfloat s[4];
    for (int v = 0; v < vectors; v++) {
      const int64_t at = c + v * LANES;
      const vfloat error = *(const vfloat *)(set->slope + at) * radius + *(const vfloat *)(set->offset + at);
      s[v] = *(const vfloat *)(set->norm + at) - error;
    }
    if (vectors == 4) {
      for (int64_t j = 0; j < d; j++)
        for (int v = 0; v < 4; v++) s[v] += point[j] * *(const vfloat *)(columns + j * wide + c + v * LANES);
    } else if (vectors == 1) {
      vfloat odd = (vfloat)0.0f;
      for (int64_t j = 0; j + 1 < d; j += 2) {
        s[0] += point[j] * *(const vfloat *)(columns + j * wide + c);
        odd += point[j + 1] * *(const vfloat *)(columns + (j + 1) * wide + c);
      }
      if (d % 2) odd += point[d - 1] * *(const vfloat *)(columns + (d - 1) * wide + c);
      s[0] += odd;
    } else {
      for (int64_t j = 0; j < d; j++)
        for (int v = 0; v < 4; v++)
          if (v < vectors) s[v] += point[j] * *(const vfloat *)(columns + j * wide + c + v * LANES);
    }
    for (int v = 0; v < vectors; v++) {
      const vint less = s[v] < best;
      const vfloat other = less ? best : s[v];
      second = other < second ? other : second;
      best = less ? s[v] : best;
      label = less ? LANE + (int32_t)(c + v * LANES) : label;
    }
  }
  FOLD(8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
  FOLD(4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3);
  FOLD(2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1);
  FOLD(1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0);
  const int32_t found = label[0];
  if (!(second[0] - best[0] > 2.001f * (set->slope[found] * radius + set->offset[found])) && k > 1)
    return (finding){nearest_precisely(point, set), INFINITY, 0};
  const float square = norm * (2 - tables->widen) + second[0];
  const float other = norm < LARGEST && square > 0 ? sqrtf(square) * (1 - 0x1p-20f) : 0;
  return (finding){found, distance(point, found, tables), other < LARGEST ? other : LARGEST};
}

// |x|² of the points of a tile, accurate to d + 1 ulp.
static inline __attribute__((always_inline)) void norms(const float *restrict tile, int64_t d, float *restrict norm) {
#pragma clang fp contract(fast)
  vfloat a = (vfloat)0.0f, b = a;
  for (int64_t j = 0; j < d; j++) {
    const vfloat p = *(const vfloat *)(tile + j * BLOCK), q = *(const vfloat *)(tile + j * BLOCK + LANES);
    a += p * p;
    b += q * q;
  }
  *(vfloat *)norm = a, *(vfloat *)(norm + LANES) = b;
}

// Initial values of a block's scores. Returns their error bound.
static inline __attribute__((always_inline)) float prepare_block(const pass_tables *restrict tables, float radius) {
  const swiftlet_centroids *set = tables->set;
  float largest = 0;
  for (int64_t c = 0; c < tables->wide; c++) {
    const float error = set->slope[c] * radius + set->offset[c];
    tables->start[c] = set->norm[c] - error;
    largest = error > largest ? error : largest;
  }
  return largest;
}

// A whole block against all centroids. Labels and bounds of the first `count` points change.
static inline __attribute__((always_inline)) void look_at_block(
    const float *restrict x, int count, float radius, const pass_tables *restrict tables, int32_t *restrict labels,
    float *restrict slack, float *restrict lower) {
  const int64_t d = tables->set->dimensions, k = tables->set->clusters;
  float best[BLOCK] __attribute__((aligned(64))), second[BLOCK] __attribute__((aligned(64)));
  float norm[BLOCK] __attribute__((aligned(64)));
  int32_t label[BLOCK] __attribute__((aligned(64)));
  float *tile = tables->set->tile;
  const float error = prepare_block(tables, radius);
  turn(x, d, count, tile);
  scores(tile, tables->set, tables->start, best, second, label);
  norms(tile, d, norm);
  uint32_t close = 0;
  for (int i = 0; i < BLOCK; i += LANES) {
    vfloat others, both;
    gather(&others, tables->others, label + i);
    gather(&both, tables->both, label + i);
    const vfloat smallest = *(const vfloat *)(best + i), next = *(const vfloat *)(second + i);
    const vfloat square = *(const vfloat *)(norm + i);
    close |= (uint32_t)BITS(~(next - smallest > 2.001f * error)) << i;
    // A score's true value lies within [score, score + 2 error]; the extra covers the rounding here.
    vfloat own = square * tables->widen + smallest + 2.5f * error, other = square * (2 - tables->widen) + next;
    own = __builtin_elementwise_sqrt(own > 0 ? own : 0) * (1 + 0x1p-20f);
    other = __builtin_elementwise_sqrt(other > 0 ? other : 0) * (1 - 0x1p-20f);
    other = square < LARGEST ? other : 0;
    other = other < LARGEST ? other : LARGEST;
    *(vfloat *)(best + i) = KEPT_LOWER(other, others);
    *(vfloat *)(second + i) = KEPT_SLACK(own, other, both);
  }
  memcpy(labels, label, sizeof(int32_t) * (size_t)count);
  memcpy(lower, best, sizeof(float) * (size_t)count);
  memcpy(slack, second, sizeof(float) * (size_t)count);
  for (uint32_t rest = k > 1 ? close & (UINT32_MAX >> (BLOCK - count)) : 0; rest; rest &= rest - 1) {
    const int i = __builtin_ctz(rest);
    labels[i] = nearest_precisely(x + i * d, tables->set);
    keep((finding){labels[i], INFINITY, 0}, tables, slack + i, lower + i);
  }
}

// Measures the distances of some points to their own centroids and keeps those that are still undecided.
// Returns their number.
static inline __attribute__((always_inline)) int measure_own(
    const float *restrict data, int64_t d, const pass_tables *restrict tables, int32_t *restrict points, int count,
    const int32_t *restrict labels, float *restrict slack, float *restrict lower) {
  int left = 0;
  for (int n = 0; n < count; n++) {
    const int32_t i = points[n];
    const float other = (lower[i] - tables->others[labels[i]]) * (1 - 0x1p-22f);
    const finding point = {labels[i], distance(data + i * d, labels[i], tables), other > 0 ? other : 0};
    keep(point, tables, slack + i, lower + i);
    points[left] = i;
    left += !(WITH_MARGIN(point.own) < point.other);
  }
  return left;
}

