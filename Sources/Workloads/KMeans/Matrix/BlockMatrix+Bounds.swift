import CKernels

/// What a Lloyd pass leaves for the next: of each point its label and a lower bound of its distance to all other centres. Where
/// nothing is left (a lost worker, another attempt at work), the next pass compares every point with every centre: the
/// same labels and sums to the bit, only later.
///
/// `@unchecked Sendable` is right because a pass takes it out of the matrix, so one thread has it at a time.
final class PassBounds: @unchecked Sendable {
  private let rows: Int
  let labels: UnsafeMutablePointer<Int32>
  let lower: UnsafeMutablePointer<Float>
  /// That the bounds were made with.
  var centres: Centres
  /// Whether the next pass should look at the bounds. Where they decided about too few points, it only makes new ones.
  var isTrusted = false

  init(rows: Int, _ centres: Centres) {
    self.rows = rows
    self.centres = centres
    labels = .allocate(capacity: max(1, rows))
    labels.initialize(repeating: 0, count: rows)
    lower = .allocate(capacity: max(1, rows))
    lower.initialize(repeating: 0, count: rows)
  }

  deinit {
    labels.deallocate()
    lower.deallocate()
  }

  var bytes: Int { rows * (MemoryLayout<Int32>.stride + MemoryLayout<Float>.stride) }
}

/// Centres in the form of the kernel that keeps bounds. Has scratch memory of its own: one thread at a time.
private final class BoundedCentres {
  var bounds: swiftlet_bounds
  private let memory: UnsafeMutableRawPointer

  init(_ packed: PackedCentres, before: Centres) {
    let lanes = 16
    let count = before.count
    let dimensions = before.dimensions
    let rows = count * ((dimensions + lanes - 1) / lanes * lanes)
    let wide = (count + lanes - 1) / lanes * lanes
    let floats = rows + (dimensions + 4) * wide
    memory = .allocate(byteCount: max(1, floats) * MemoryLayout<Float>.stride, alignment: 64)
    let base = memory.bindMemory(to: Float.self, capacity: max(1, floats))
    base.initialize(repeating: 0, count: floats)
    let columns = base + rows
    let scratch = columns + dimensions * wide
    bounds = swiftlet_bounds(
      rows: base, columns: columns, rounding: scratch + 2 * wide, moved: scratch + 3 * wide, scratch: scratch)
    swiftlet_kmeans_bounds_prepare(&packed.set, before.values, &bounds)
  }

  deinit { memory.deallocate() }
}

extension BlockMatrix {
  /// Values of all centres. With fewer, all distances cost less than what leaves some of them out.
  package static let fewestForBounds = 2000

  /// One Lloyd pass as ``sums(_:check:)`` makes it, to the bit, which begins with what the last such pass has found out.
  package func sumsWithBounds(_ centres: Centres, check: () throws -> Void = {}) rethrows -> ClusterSums {
    let packed = PackedCentres(centres)
    guard centres.values.count >= BlockMatrix.fewestForBounds, packed.set.precise == 0 else {
      return try sums(centres, check: check)
    }
    let taken = bounds.withLock { bounds in
      defer { bounds = nil }
      return bounds
    }
    let isLeft = taken?.centres.count == centres.count
    let pass = (isLeft ? taken : nil) ?? PassBounds(rows: rows, centres)
    let bounded = BoundedCentres(packed, before: pass.centres)
    var result = ClusterSums(clusters: centres.count, dimensions: dimensions)
    var counts = [Int64](repeating: 0, count: centres.count)
    var looked = 0
    try slices(check) { data, first, rows in
      looked += Int(
        swiftlet_kmeans_nearest_again(
          data, radii + first / BlockMatrix.block, Int64(rows), &packed.set, &bounded.bounds,
          pass.isTrusted ? 1 : 0, pass.labels + first, pass.lower + first, &result.sums, &counts))
    }
    result.weights = counts.map { Double($0) }
    pass.centres = centres
    pass.isTrusted = !pass.isTrusted || looked * 2 < rows
    bounds.withLock { $0 = pass }
    return result
  }
}
