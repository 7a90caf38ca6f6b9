import CKernels

/// Centroids in the form of the kernel that keeps bounds. Has scratch memory of its own: one thread at a time.
private final class BoundedCentroids {
  var bounds: swiftlet_bounds
  private let memory: UnsafeMutableRawPointer

  /// - Parameter pass: What the last one left; how far centroids have moved since is added to it.
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
  /// One Lloyd pass as ``sums(_:check:)`` makes it, to the bit, which begins with what the last such pass has found out.
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

  /// One Lloyd pass for each of some starts. Bounds are of one start: while several run, they would take memory for each.
  package func sums(_ starts: [Centroids], check: () throws -> Void = {}) rethrows -> [ClusterSums] {
    try starts.map {
      starts.count == 1 ? try sumsWithBounds($0, check: check) : try sums($0, check: check)
    }
  }

  /// The next pass begins with nothing.
  package func dropBounds() { bounds.withLock { $0 = nil } }

  /// Points that the last pass with bounds compared with all centroids; nil where it left nothing.
  package var lookedAt: Int? { bounds.withLock { $0?.looked } }
}
