import CKernels

/// What a Lloyd pass leaves for the next: of each point its label and how sure it is, and the sums. Where nothing is left (a lost
/// worker, another attempt at work), the next pass compares every point with every centre: the same labels and sums to
/// the bit, only later.
///
/// `@unchecked Sendable` is right because a pass takes it out of the matrix, so one thread has it at a time.
final class PassBounds: @unchecked Sendable {
  private let rows: Int
  let labels: UnsafeMutablePointer<Int32>
  let slack: UnsafeMutablePointer<Float>
  let lower: UnsafeMutablePointer<Float>
  let sums: ExactSums
  /// How far centres have moved since the first pass: of each cluster all others, and all others and its own.
  let moved: UnsafeMutablePointer<Double>
  /// That the bounds were made with.
  var centres: Centres
  /// Points that the last pass compared with all centres.
  var looked = 0

  init(_ matrix: PointMatrix, _ centres: Centres) {
    self.centres = centres
    rows = (matrix.rows + PointMatrix.block - 1) / PointMatrix.block * PointMatrix.block
    sums = ExactSums(clusters: centres.count, of: matrix)
    labels = .allocate(capacity: max(1, rows))
    labels.initialize(repeating: 0, count: rows)
    lower = .allocate(capacity: max(1, rows))
    lower.initialize(repeating: 0, count: rows)
    // Points past the last are never looked at.
    slack = .allocate(capacity: max(1, rows))
    slack.initialize(repeating: .infinity, count: rows)
    moved = .allocate(capacity: max(1, 2 * centres.count))
    moved.initialize(repeating: 0, count: 2 * centres.count)
  }

  deinit {
    labels.deallocate()
    slack.deallocate()
    lower.deallocate()
    moved.deallocate()
  }

  /// Of memory.
  var bytes: Int { rows * (MemoryLayout<Int32>.stride + 2 * MemoryLayout<Float>.stride) + sums.bytes }
}
