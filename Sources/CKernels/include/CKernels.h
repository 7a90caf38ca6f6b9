#pragma once
// Kernels of k-means over a matrix in blocks of 64 points, each block a structure of arrays: value j of point i of
// block b is data[(b * d + j) * 64 + i]. Points past the last are zero and never counted.
//
// The nearest centre of a point is *defined* as the lowest index among those with the smallest float64 sum over
// j = 0, 1, … of (x[j] - c[j])². A float32 pass with a rigorous error bound finds it for nearly all points; where the
// bound cannot tell two centres apart the float64 sums decide. So labels are the same to the bit on every CPU, however
// wide its vectors, and every sum is made in the order of the points.
#include <stdint.h>

#include "prefetch.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { SWIFTLET_BLOCK = 64, SWIFTLET_GROUP = 4 };

// Centres in the form the float32 pass reads. Memory belongs to the caller; padded = clusters rounded up to a
// multiple of SWIFTLET_GROUP.
typedef struct {
  int64_t dimensions;
  int64_t clusters;
  const double *centres;  // [clusters][dimensions]
  float *packed;          // [padded / GROUP][dimensions][GROUP]: -2c
  float *norm;            // [padded]: |c|²; infinity for padding
  float *slope;           // [padded]: error bound of a score = slope * radius + offset
  float *offset;          // [padded]
  float *scratch;         // [2 * padded]
  int64_t precise;        // 1 where the centres are too large for float32: every point takes the float64 path
} swiftlet_centres;

// Fills packed, norm, slope, offset and precise from centres.
void swiftlet_kmeans_pack(swiftlet_centres *centres);

// radius[b] = an upper bound of the norms of the points of block b.
void swiftlet_kmeans_radii(const float *data, int64_t rows, int64_t dimensions, float *radius);

// labels[i] = nearest centre of point i, for each of rows points.
// sums[clusters][dimensions] and counts[clusters] are added to, in the order of the points, unless sums is null.
// distances[i] = float64 squared distance to that centre, unless distances is null.
// Returns how many points needed the float64 path.
int64_t swiftlet_kmeans_nearest(
    const float *data, const float *radius, int64_t rows, const swiftlet_centres *centres, int32_t *labels,
    double *sums, int64_t *counts, double *distances);

// What a pass that keeps bounds needs of its centres. Memory belongs to the caller; lanes = dimensions, wide = clusters, each
// rounded up to a multiple of 16. Aligned to 64 bytes.
typedef struct {
  float *rows;      // [clusters][lanes]: c
  float *columns;   // [dimensions][wide]: -2c
  float *rounding;  // [clusters]: how far c is from the float64 centre at most
  float *moved;     // [clusters]: how far any other centre has moved since the last pass, at most
  float *scratch;   // [2 * wide]
} swiftlet_bounds;

// Fills bounds from packed centres, and from those of the last pass.
void swiftlet_kmeans_bounds_prepare(const swiftlet_centres *centres, const double *before, swiftlet_bounds *bounds);

// The same labels and sums as swiftlet_kmeans_nearest, of points that had a pass before: labels and lower (of each point a lower
// bound of the distances to all centres but its own) are those of the last pass, and become those of this one. A lower bound of 0
// knows nothing, so a first pass begins with zeros. Not for centres that are `precise`.
// Without trust the bounds are not looked at, only made: what a first pass wants, and passes in which most points would not
// be decided by them.
// Returns how many points were compared with all centres.
int64_t swiftlet_kmeans_nearest_again(
    const float *data, const float *radius, int64_t rows, const swiftlet_centres *centres, swiftlet_bounds *bounds, int trust,
    int32_t *labels, float *lower, double *sums, int64_t *counts);

// The same labels by the definition alone, with the float64 squared distances to the nearest and the second nearest
// centre (infinity where there is one centre only).
void swiftlet_kmeans_nearest_two(
    const float *data, int64_t rows, const swiftlet_centres *centres, int32_t *labels, double *first,
    double *second);

// distances[i] = float64 squared distance of point i to one centre.
void swiftlet_kmeans_distances(
    const float *data, int64_t rows, int64_t dimensions, const double *centre, double *distances);

#ifdef __cplusplus
}
#endif
