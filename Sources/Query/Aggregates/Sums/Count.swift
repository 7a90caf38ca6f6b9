import Columns

extension RowLoop {
  /// Adds the number of rows of each group.
  func count(into counts: inout [Int64]) {
    if groups.isEmpty {
      if !counts.isEmpty { counts[0] += Int64(count) }
      return
    }
    counts.withUnsafeMutableBufferPointer { counts in forEach { group, _ in counts[group] &+= 1 } }
  }
}

/// `count(*)`, `count(value)`, `count_if(condition)`, and the `regr_count` of pairs.
final class Count: AggregateState {
  private let isConditional: Bool
  private var counts: [Int64] = []

  init(isConditional: Bool = false) { self.isConditional = isConditional }

  func resize(to count: Int) { counts.extend(to: count, 0) }

  func update(groups: [UInt32], arguments: [Vector], rows: Int, selection: [UInt32]?) throws {
    let columns = arguments.map { $0.expanded(rows) }
    guard isConditional else {
      RowLoop(groups, columns, rows: rows, selection).count(into: &counts)
      return
    }
    var flags = try columns[0].bools()
    if let validity = columns[0].validity { flags = zip(flags, validity).map { $0 && $1 } }
    RowLoop(groups, rows: rows, selection, validity: flags).count(into: &counts)
  }

  func partial(_ groups: [UInt32]) -> [Column] { [Column(.int64(counts.picked(groups)))] }

  func merge(groups: [UInt32], state: [Column]) throws {
    try state.expect(1)
    let added = try state[0].int64s()
    RowLoop(merging: groups, state).forEach { group, row in counts[group] &+= added[row] }
  }

  func finish(_ count: Int) throws -> Column { Column(.int64(Array(counts[0..<count]))) }

  var byteCount: Int { counts.count * 8 }
}
