#pragma once
// Kernels of k-means over a row-major matrix of float32 points: value j of point i is data[i * d + j]. Up to 15 floats past the last
// may be read. Points are compared in blocks of 32, transposed to columns.
//
// The nearest centroid of a point is *defined* as the lowest index among those with the smallest float64 sum over
// j = 0, 1, … of (x[j] - c[j])². A float32 pass with a rigorous error bound finds it for nearly all points; where the
// bound cannot separate two centroids, the float64 sums decide. So labels are identical on every CPU, whatever the width
// of its vectors. Sums of points are exact (kmeans_sums.h), so their order does not matter.
#include <stdint.h>
#include "csv.h"
#include "json_lines.h"

#include "prefetch.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { SWIFTLET_BLOCK = 32, SWIFTLET_GROUP = 4 };

// Centroids as the float32 pass reads them. The caller owns the memory, aligned to 64 bytes; padded = clusters rounded up to a
// multiple of SWIFTLET_GROUP, wide = to one of 16, lanes = dimensions to one of 16.
typedef struct {
  int64_t dimensions;
  int64_t clusters;
  const double *centroids;  // [clusters][dimensions]
  float *packed;          // [padded / GROUP][dimensions][GROUP]: -2c
  float *norm;            // [wide]: |c|²; infinity for padding
  float *slope;           // [wide]: error bound of a score = slope * radius + offset
  float *offset;          // [wide]
  float *scratch;         // [2 * padded]
  float *tile;            // [lanes][BLOCK]
  int64_t precise;        // 1 if the centroids are too large for float32: every point takes the float64 path
} swiftlet_centroids;

// Fills packed, norm, slope, offset and precise from centroids.
void swiftlet_kmeans_pack(swiftlet_centroids *centroids);

// The sums of the points of each cluster, aligned to 64 bytes. A sum is high + low: the exact sum, rounded once.
typedef struct {
  int64_t lanes;
  const double *grid;  // [2][lanes], of swiftlet_kmeans_measure
  double *high;        // [clusters][lanes]
  double *low;         // [clusters][lanes]
  int64_t *counts;     // [clusters]
} swiftlet_sums;

// radius[b] = an upper bound of the norms of the points of block b.
// grid[2][lanes] = rounds the values of each column so that sums of up to `rows` points are exact.
void swiftlet_kmeans_measure(const float *data, int64_t rows, int64_t dimensions, float *radius, double *grid);

// labels[i] = nearest centroid of point i, for each of rows points.
// The points are added to sums, unless it is null.
// distances[i] = float64 squared distance to that centroid, unless distances is null.
// Returns how many points needed the float64 path.
int64_t swiftlet_kmeans_nearest(
    const float *data, const float *radius, int64_t rows, const swiftlet_centroids *centroids, int32_t *labels,
    const swiftlet_sums *sums, double *distances);

// The centroids of a pass that keeps bounds. The caller owns the memory, aligned to 64 bytes.
typedef struct {
  float *rows;      // [clusters][lanes]: c
  float *columns;   // [dimensions][wide]: -2c
  float *rounding;  // [clusters]: upper bound of the distance from c to the float64 centroid
  double *others;   // [clusters]: upper bound of the move of any other centroid, summed over all passes
  double *both;     // [clusters]: others plus the move of the cluster's own centroid
  float *scratch;   // [3 * wide]
} swiftlet_bounds;

// Fills rows, columns and rounding from packed centroids, and adds the moves since the last pass to others and both.
void swiftlet_kmeans_bounds_prepare(const swiftlet_centroids *centroids, const double *before, swiftlet_bounds *bounds);

// The same labels and sums as swiftlet_kmeans_nearest, for points with labels, slack, lower and sums from an earlier pass:
// lower[i] = others[label] + a lower bound of the distances to all centroids but its own; slack[i] = both[label] + the margin by which
// the point's own centroid is nearer than that bound, both at the time they were computed. While slack[i] > both[label], the point keeps
// its label and is skipped. Only points whose label changes are moved between sums.
// All three have room for whole blocks; slack is infinity past the last point.
// In the first pass, labels, slack, lower and sums are zero. Not for `precise` centroids.
// Up to 2^31 - 1 rows. Returns the number of points compared with all centroids.
int64_t swiftlet_kmeans_nearest_again(
    const float *data, const float *radius, int64_t rows, const swiftlet_centroids *centroids, const swiftlet_bounds *bounds,
    int first, int32_t *labels, float *slack, float *lower, const swiftlet_sums *sums);

// The same labels by the definition alone, with the float64 squared distances to the nearest and the second nearest
// centroid (infinity where there is one centroid only).
void swiftlet_kmeans_nearest_two(
    const float *data, int64_t rows, const swiftlet_centroids *centroids, int32_t *labels, double *first,
    double *second);

// distances[c * rows + i] = float64 squared distance of point i to centroid c of centroids[count][dimensions]. tile: as of
// swiftlet_centroids.
void swiftlet_kmeans_distances(
    const float *data, int64_t rows, int64_t dimensions, const double *centroids, int64_t count, float *tile,
    double *distances);

#ifdef __cplusplus
}
#endif
