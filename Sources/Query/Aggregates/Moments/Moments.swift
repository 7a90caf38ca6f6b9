import Columns

/// Functions of the mean, the spread and the relation of numbers. They are computed from exact sums and rounded at the end, so there
/// is no cancellation.
final class Moments: AggregateState {
  typealias Result = @Sendable (_ sums: inout MomentSums, _ group: Int) -> Double?

  private var sums: MomentSums
  private let result: Result

  /// - Parameter result: Gets groups with at least one row. nil means null.
  init(_ parts: MomentSums.Parts, _ result: @escaping Result) {
    sums = MomentSums(parts)
    self.result = result
  }

  func resize(to count: Int) { sums.resize(to: count) }

  /// For functions of two arguments, the first is y and the second is x, as in PostgreSQL.
  func update(groups: [UInt32], arguments: [Vector], rows: Int, selection: [UInt32]?) throws {
    let columns = arguments.map { $0.expanded(rows) }
    let loop = RowLoop(groups, columns, rows: rows, selection)
    if columns.count == 1 {
      sums.add(try columns[0].doubles(), [], loop)
    } else {
      sums.add(try columns[1].doubles(), try columns[0].doubles(), loop)
    }
  }

  func partial(_ groups: [UInt32]) -> [Column] { sums.partial(groups) }

  func merge(groups: [UInt32], state: [Column]) throws { try sums.merge(groups: groups, state) }

  func finish(_ count: Int) throws -> Column {
    let results = (0..<count).map { sums.counts[$0] > 0 ? result(&sums, $0) : nil }
    return Column(.double(results.map { $0 ?? 0 }), optional: results.map { $0 != nil })
  }

  var byteCount: Int { sums.byteCount }
}

extension ExactNumber {
  /// The quotient, with an error of at most one and a half units in the last place.
  static func / (a: ExactNumber, b: ExactNumber) -> Double {
    guard !a.isZero else { return b.isZero ? .nan : 0 }
    guard !b.isZero else { return a.isNegative ? -.infinity : .infinity }
    let quotient = a.fraction.rounded / b.fraction.rounded
    return Double(sign: .plus, exponent: 32 * (a.scale - b.scale), significand: quotient)
  }

  /// Chunks of 32 bits above the point.
  private var scale: Int { exponent + limbs.count }

  /// The number shifted by chunks to below one.
  private var fraction: ExactNumber {
    ExactNumber(isNegative: isNegative, limbs: limbs, exponent: -limbs.count)
  }
}
