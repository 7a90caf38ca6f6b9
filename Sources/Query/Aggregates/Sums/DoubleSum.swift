import Columns

/// `sum` and `avg` of doubles.
final class DoubleSum: AggregateState {
  private let isAverage: Bool
  private var sums = ExactSums()
  /// Values in each group, for averages.
  private var counts: [Int64] = []

  init(isAverage: Bool) { self.isAverage = isAverage }

  func resize(to count: Int) {
    sums.resize(to: count)
    if isAverage { counts.extend(to: count, 0) }
  }

  func update(groups: [UInt32], arguments: [Vector], rows: Int, selection: [UInt32]?) throws {
    let column = arguments[0].expanded(rows)
    let loop = RowLoop(groups, [column], rows: rows, selection)
    sums.add(try column.doubles(), loop)
    if isAverage { loop.count(into: &counts) }
  }

  func partial(_ groups: [UInt32]) -> [Column] {
    sums.partial(groups) + (isAverage ? [Column(.int64(counts.picked(groups)))] : [])
  }

  func merge(groups: [UInt32], state: [Column]) throws {
    try state.expect(isAverage ? 4 : 3)
    try sums.merge(groups: groups, state[0..<3])
    guard isAverage else { return }
    let added = try state[3].int64s()
    RowLoop(merging: groups, state).forEach { group, row in counts[group] &+= added[row] }
  }

  func finish(_ count: Int) throws -> Column {
    var results: [Double] = []
    results.reserveCapacity(count)
    for group in 0..<count {
      results.append(isAverage ? sums.result(group) / Double(max(counts[group], 1)) : sums.result(group))
    }
    return Column(.double(results), optional: (0..<count).map { !sums.isEmpty($0) })
  }

  var byteCount: Int { sums.byteCount + counts.count * 8 }
}
