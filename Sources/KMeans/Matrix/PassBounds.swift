import CKernels

/// State that a Lloyd pass leaves for the next one: each point's label and slack, and the sums. Without it (after the loss of a
/// worker, or because of a concurrent attempt), the next pass compares every point with every centroid. The labels and sums are
/// the same, but the pass is slower.
///
/// `@unchecked Sendable`: a pass takes it out of the matrix, so only one thread uses it at a time.
final class PassBounds: @unchecked Sendable {
  private let rows: Int
  let labels: UnsafeMutablePointer<Int32>
  let slack: UnsafeMutablePointer<Float>
  let lower: UnsafeMutablePointer<Float>
  let sums: ExactSums
  /// How far centroids have moved since the first pass, summed over passes. For each cluster, first the largest moves of any
  /// other centroid, then those moves plus the cluster's own.
  let moved: UnsafeMutablePointer<Double>
  /// The centroids for which the bounds were computed.
  var centroids: Centroids
  /// Number of points that the last pass compared with all centroids.
  var looked = 0

  init(_ matrix: PointMatrix, _ centroids: Centroids) {
    self.centroids = centroids
    rows = (matrix.rows + PointMatrix.block - 1) / PointMatrix.block * PointMatrix.block
    sums = ExactSums(clusters: centroids.count, of: matrix)
    labels = .allocate(capacity: max(1, rows))
    labels.initialize(repeating: 0, count: rows)
    lower = .allocate(capacity: max(1, rows))
    lower.initialize(repeating: 0, count: rows)
    // Elements past the last point are never read.
    slack = .allocate(capacity: max(1, rows))
    slack.initialize(repeating: .infinity, count: rows)
    moved = .allocate(capacity: max(1, 2 * centroids.count))
    moved.initialize(repeating: 0, count: 2 * centroids.count)
  }

  deinit {
    labels.deallocate()
    slack.deallocate()
    lower.deallocate()
    moved.deallocate()
  }

  /// Memory in bytes.
  var bytes: Int { rows * (MemoryLayout<Int32>.stride + 2 * MemoryLayout<Float>.stride) + sums.bytes }
}
