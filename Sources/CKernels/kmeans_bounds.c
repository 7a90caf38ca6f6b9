// Lloyd passes that skip most points by the triangle inequality (Hamerly, "Making k-means even faster", 2010): a point whose
// centroid is nearer than any other can have moved since the last comparison keeps its label. All bounds are rigorous, whatever the
// rounding, so labels and sums are identical to those of `swiftlet_kmeans_nearest`.
#include "kmeans_findings.h"

// The number of open points of a block up to which comparing each with all centroids is cheaper than the whole
// block, and up to which measuring their own distances first pays off.
typedef struct {
  int few, measured;
} costs;

// In nanoseconds of one core with AVX-512; only their ratios matter, and no result depends on them.
static costs costs_of(int64_t d, int64_t k) {
  const double values = (double)(k * d), whole = BLOCK * (3 + 0.011 * values);
  const double own = 4 + 0.15 * (double)d, all = 20 + 0.03 * values;
  const int few = (int)(whole / all), measured = (int)(whole / own / 2);
  return (costs){few < BLOCK ? few : BLOCK, measured < BLOCK ? measured : BLOCK};
}

// Blocks whose open points are found and prefetched before any is compared.
enum { AHEAD = 16 };

void swiftlet_kmeans_bounds_prepare(const swiftlet_centroids *set, const double *before, swiftlet_bounds *bounds) {
  const int64_t d = set->dimensions, k = set->clusters, lanes = (d + LANES - 1) / LANES * LANES;
  const int64_t wide = (k + LANES - 1) / LANES * LANES;
  memset(bounds->rows, 0, sizeof(float) * (size_t)(k * lanes));
  memset(bounds->columns, 0, sizeof(float) * (size_t)(d * wide));
  double largest = 0, second = 0;
  int64_t farthest = 0;
  for (int64_t c = 0; c < k; c++) {
    double moved = 0, squares = 0;
    for (int64_t j = 0; j < d; j++) {
      const double value = set->centroids[c * d + j], step = value - before[c * d + j];
      moved += step * step;
      squares += value * value;
      bounds->rows[c * lanes + j] = (float)value;
      bounds->columns[j * wide + c] = (float)(-2 * value);
    }
    bounds->rounding[c] = above(sqrt(squares) * UNIT * 1.01 + (double)d * FLT_MIN);
    moved = sqrt(moved) * (1 + 0x1p-18);
    if (moved > largest) second = largest, largest = moved, farthest = c;
    else if (moved > second) second = moved;
    bounds->both[c] = nextafter(bounds->both[c] + moved, INFINITY);
  }
  // By how much the distance to the nearest other centroid can have shrunk: the largest move of any other centroid.
  for (int64_t c = 0; c < k; c++) {
    const double other = c == farthest ? second : largest;
    bounds->others[c] = nextafter(bounds->others[c] + other, INFINITY);
    bounds->both[c] = nextafter(bounds->both[c] + other, INFINITY);
  }
}

// The points of a block without slack left, as bits.
static inline __attribute__((always_inline)) uint32_t open_points(
    const float *restrict slack, const int32_t *restrict label, const float *restrict both) {
  uint32_t open = 0;
  for (int i = 0; i < BLOCK; i += LANES) {
    vfloat used;
    gather(&used, both, label + i);
    open |= (uint32_t)BITS(~(*(const unaligned_vfloat *)(slack + i) > used)) << i;
  }
  return open;
}

// Sets a point's label and moves the point between sums if the label changed.
static inline __attribute__((always_inline)) void assign(
    const float *restrict point, int64_t d, int32_t label, int32_t *restrict own, const swiftlet_sums *restrict sums) {
  if (label == *own) return;
  add_point(point, d, *own, sums, -1);
  add_point(point, d, label, sums, 1);
  *own = label;
}

static inline __attribute__((always_inline)) void prefetch_points(const float *restrict x, int64_t d, uint32_t points) {
  for (; points; points &= points - 1)
    for (int64_t j = 0; j < d; j += LANES) __builtin_prefetch(x + __builtin_ctz(points) * d + j);
}

CLONES int64_t swiftlet_kmeans_nearest_again(
    const float *data, const float *radius, int64_t rows, const swiftlet_centroids *set, const swiftlet_bounds *bounds,
    int first, int32_t *labels, float *slack, float *lower, const swiftlet_sums *sums) {
  const int64_t d = set->dimensions, k = set->clusters, wide = (k + LANES - 1) / LANES * LANES;
  float *others = bounds->scratch, *both = others + wide;
  // A computed squared distance is accurate to d + 3 ulp; more for its root and the product with this.
  const pass_tables tables = {
      set, bounds, sums->lanes, wide, others, both, both + wide, 1 + (float)(d + 10) * 0x1p-24f * 1.01f};
  for (int64_t c = 0; c < k; c++) {
    others[c] = bounds->others[c] > 0 ? above(bounds->others[c]) : 0;
    both[c] = bounds->both[c] > 0 ? above(bounds->both[c]) : 0;
  }
  const costs cost = costs_of(d, k);
  int64_t looked = 0, hopeless = 0;
  for (int64_t part = 0; part < rows; part += AHEAD * BLOCK) {
    const int blocks = rows - part < AHEAD * BLOCK ? (int)((rows - part + BLOCK - 1) / BLOCK) : AHEAD;
    uint32_t opened[AHEAD];
    for (int b = 0; b < blocks; b++) {
      const int64_t at = part + b * BLOCK;
      opened[b] = first ? UINT32_MAX : open_points(slack + at, labels + at, both);
      prefetch_points(data + at * d, d, opened[b]);
      if (opened[b]) __builtin_prefetch(lower + at), __builtin_prefetch(lower + at + LANES);
    }
    int32_t points[AHEAD * BLOCK], some = 0, measured = 0, helped = 0;
    for (int b = 0; b < blocks; b++) {
      const int64_t at = part + b * BLOCK;
      uint32_t open = opened[b];
      const int many = __builtin_popcount(open), before = some;
      if (!first && (many <= cost.few || (many <= cost.measured && !hopeless))) {
        for (; open; open &= open - 1) points[some++] = (int32_t)at + __builtin_ctz(open);
        if (many <= cost.few) continue;
        const int left = measure_own(data, d, &tables, points + before, some - before, labels, slack, lower);
        measured++;
        some = before + left;
        if (left <= cost.few) {
          helped++;
          continue;
        }
        some = before;
      }
      int32_t label[BLOCK];
      const int count = rows - at < BLOCK ? (int)(rows - at) : BLOCK;
      look_at_block(data + at * d, count, radius[at / BLOCK], &tables, label, slack + at, lower + at);
      looked += count;
      for (int i = 0; i < count; i++) {
        const float *point = data + (at + i) * d;
        if (first) add_point(point, d, labels[at + i] = label[i], sums, 1);
        else assign(point, d, label[i], labels + at + i, sums);
      }
    }
    some = measure_own(data, d, &tables, points, some, labels, slack, lower);
    looked += some;
    for (int n = 0; n < some; n++) {
      const int32_t i = points[n];
      const finding point = nearest_of_all(data + i * d, &tables);
      keep(point, &tables, slack + i, lower + i);
      assign(data + i * d, d, point.label, labels + i, sums);
    }
    if (measured) hopeless = helped * 4 < measured ? 4 : 0;
    else if (hopeless) hopeless--;
  }
  return looked;
}
