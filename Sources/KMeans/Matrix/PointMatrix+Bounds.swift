import CKernels

/// Centroids in the layout of the kernel that maintains bounds. Has its own scratch memory, so it must be used by one thread at
/// a time.
private final class BoundedCentroids {
  var bounds: swiftlet_bounds
  private let memory: UnsafeMutableRawPointer

  /// - Parameter pass: The state left by the last pass; the distances that centroids have moved since are added to it.
  init(_ packed: PackedCentroids, after pass: PassBounds) {
    let count = pass.centroids.count
    let dimensions = pass.centroids.dimensions
    let rows = count * PointMatrix.lanes(dimensions)
    let wide = PointMatrix.lanes(count)
    let floats = rows + (dimensions + 4) * wide
    memory = .allocate(byteCount: max(1, floats) * MemoryLayout<Float>.stride, alignment: 64)
    let base = memory.bindMemory(to: Float.self, capacity: max(1, floats))
    base.initialize(repeating: 0, count: floats)
    let columns = base + rows
    let scratch = columns + dimensions * wide
    bounds = swiftlet_bounds(
      rows: base, columns: columns, rounding: scratch + 3 * wide, others: pass.moved,
      both: pass.moved + count,
      scratch: scratch)
    swiftlet_kmeans_bounds_prepare(&packed.set, pass.centroids.values, &bounds)
  }

  deinit { memory.deallocate() }
}

extension PointMatrix {
  /// Runs one Lloyd pass with results identical, bit for bit, to ``sums(_:check:)``, reusing the bounds left by the last such
  /// pass.
  package func sumsWithBounds(_ centroids: Centroids, check: () throws -> Void = {}) rethrows -> ClusterSums {
    let packed = PackedCentroids(centroids)
    let taken = bounds.withLock { bounds in
      defer { bounds = nil }
      return bounds
    }
    guard packed.set.precise == 0 else { return try sums(centroids, check: check) }
    let isFirst = taken?.centroids.count != centroids.count
    let pass = (isFirst ? nil : taken) ?? PassBounds(self, centroids)
    let bounded = BoundedCentroids(packed, after: pass)
    pass.looked = 0
    try slices(check) { data, first, rows in
      pass.looked += Int(
        swiftlet_kmeans_nearest_again(
          data, radii + first / PointMatrix.block, Int64(rows), &packed.set, &bounded.bounds,
          isFirst ? 1 : 0, pass.labels + first, pass.slack + first, pass.lower + first, &pass.sums.sums))
    }
    pass.centroids = centroids
    bounds.withLock { $0 = pass }
    return pass.sums.rounded
  }

  /// Runs one Lloyd pass for each start. Bounds are used only for a single start, because several starts would each need memory
  /// for their own.
  package func sums(_ starts: [Centroids], check: () throws -> Void = {}) rethrows -> [ClusterSums] {
    try starts.map {
      starts.count == 1 ? try sumsWithBounds($0, check: check) : try sums($0, check: check)
    }
  }

  /// Drops the bounds, so that the next pass starts without them.
  package func dropBounds() { bounds.withLock { $0 = nil } }

  /// Number of points that the last pass with bounds compared with all centroids; nil if there are no bounds.
  package var lookedAt: Int? { bounds.withLock { $0?.looked } }
}
