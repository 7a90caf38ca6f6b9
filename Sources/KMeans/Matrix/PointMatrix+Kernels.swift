import CKernels

/// The result of one pass over the points for one set of centroids.
package struct ClusterSums: Hashable, Sendable {
  /// Sum of the points in each cluster, row-major.
  package var sums: [Double]
  /// Sum of the weights in each cluster, or the number of points if points have no weights.
  package var weights: [Double]

  package init(clusters: Int, dimensions: Int) {
    sums = [Double](repeating: 0, count: clusters * dimensions)
    weights = [Double](repeating: 0, count: clusters)
  }

  package static func += (a: inout ClusterSums, b: ClusterSums) {
    for index in a.sums.indices { a.sums[index] += b.sums[index] }
    for index in a.weights.indices { a.weights[index] += b.weights[index] }
  }
}

/// The calls into the C kernels. Each processes the points in slices; `check` is called between slices and may throw.
extension PointMatrix {
  private static let slice = 1024 * block

  func slices(
    _ check: () throws -> Void, _ body: (_ data: UnsafePointer<Float>, _ first: Int, _ rows: Int) -> Void
  ) rethrows {
    for first in stride(from: 0, to: rows, by: PointMatrix.slice) {
      try check()
      body(data + first * dimensions, first, min(PointMatrix.slice, rows - first))
    }
  }

  /// Runs one Lloyd pass: the exact sums of the points nearest to each centroid, each rounded once.
  package func sums(_ centroids: Centroids, check: () throws -> Void = {}) rethrows -> ClusterSums {
    let packed = PackedCentroids(centroids)
    let result = ExactSums(clusters: centroids.count, of: self)
    var labels = [Int32](repeating: 0, count: min(rows, PointMatrix.slice))
    try slices(check) { data, first, rows in
      swiftlet_kmeans_nearest(
        data, radii + first / PointMatrix.block, Int64(rows), &packed.set, &labels, &result.sums, nil)
    }
    return result.rounded
  }

  /// Returns the nearest centroid of every point and the float64 squared distance to it.
  package func nearest(
    _ centroids: Centroids, check: () throws -> Void = {}
  ) rethrows -> (labels: [Int32], distances: [Double]) {
    let packed = PackedCentroids(centroids)
    var labels = [Int32](repeating: 0, count: rows)
    var distances = [Double](repeating: 0, count: rows)
    try slices(check) { data, first, rows in
      labels.withUnsafeMutableBufferPointer { labels in
        distances.withUnsafeMutableBufferPointer { distances in
          guard let labels = labels.baseAddress, let distances = distances.baseAddress else { return }
          swiftlet_kmeans_nearest(
            data, radii + first / PointMatrix.block, Int64(rows), &packed.set, labels + first, nil,
            distances + first)
        }
      }
    }
    return (labels, distances)
  }

  /// Reports, slice by slice, the nearest centroid of each point and the float64 squared distances to it and to the second
  /// nearest (infinity if there is only one centroid).
  package func forEachNearestTwo(
    _ centroids: Centroids, check: () throws -> Void = {},
    _ body: (_ row: Int, _ label: Int, _ first: Double, _ second: Double) -> Void
  ) rethrows {
    let packed = PackedCentroids(centroids)
    let capacity = min(rows, PointMatrix.slice)
    var labels = [Int32](repeating: 0, count: capacity)
    var first = [Double](repeating: 0, count: capacity)
    var second = first
    try slices(check) { data, start, rows in
      swiftlet_kmeans_nearest_two(data, Int64(rows), &packed.set, &labels, &first, &second)
      for index in 0..<rows { body(start + index, Int(labels[index]), first[index], second[index]) }
    }
  }

  /// Float64 squared distances from all points to each centroid, grouped by centroid.
  package func distances(to centroids: Centroids) -> [Double] {
    var distances = [Double](repeating: 0, count: centroids.count * rows)
    let tile = UnsafeMutableRawPointer.allocate(
      byteCount: max(1, PackedCentroids.tileFloats(dimensions) * MemoryLayout<Float>.stride), alignment: 64)
    defer { tile.deallocate() }
    swiftlet_kmeans_distances(
      data, Int64(rows), Int64(dimensions), centroids.values, Int64(centroids.count),
      tile.bindMemory(to: Float.self, capacity: PackedCentroids.tileFloats(dimensions)), &distances)
    return distances
  }
}
