import Columns

/// A key of ``OrderKeys``.
protocol OrderKey: Comparable {
  /// Finds the rows whose keys are better than the best of their groups. A requirement, so that it is compiled for each type.
  static func choose(
    _ keys: OrderKeys, _ loop: RowLoop, isMinimum: Bool, _ best: inout [Self?], _ winners: inout Winners
  ) throws(QueryError)
  /// A copy that does not keep the column alive.
  var owned: Self { get }
  var byteCount: Int { get }
  static func column(_ keys: [Self?]) -> Column
}

/// `arg_min` and `arg_max`: the value of the row with the smallest or largest key, of equal ones the first; also `min` and `max` of
/// types whose values are not their own keys.
final class ArgExtreme<Key: OrderKey>: AggregateState {
  private let isMinimum: Bool
  private var best: [Key?] = []
  private var values: PickedValues
  private var winners = Winners()

  /// - Parameter type: Of the value.
  init(isMinimum: Bool, _ type: ColumnType) {
    self.isMinimum = isMinimum
    values = PickedValues(type)
  }

  func resize(to count: Int) {
    best.extend(to: count, nil)
    values.resize(to: count)
    winners.resize(to: count)
  }

  func update(groups: [UInt32], arguments: [Vector], rows: Int, selection: [UInt32]?) throws {
    let columns = arguments.map { $0.expanded(rows) }
    let loop = RowLoop(groups, columns, rows: rows, selection)
    try add(columns[0], try OrderKeys(columns[columns.count - 1]), loop)
  }

  private func add(_ column: Column, _ keys: OrderKeys, _ loop: RowLoop) throws {
    try Key.choose(keys, loop, isMinimum: isMinimum, &best, &winners)
    let (groups, rows) = winners.take()
    values.set(groups, column.gather(rows))
  }

  func partial(_ groups: [UInt32]) -> [Column] {
    [values.values(groups), Key.column(best.picked(groups))]
  }

  func merge(groups: [UInt32], state: [Column]) throws {
    try state.expect(2)
    try add(
      state[0], try OrderKeys(state[1]), RowLoop(merging: groups, state, validity: state[1].validity))
  }

  func finish(_ count: Int) throws -> Column { values.values((0..<UInt32(count)).map { $0 }) }

  var byteCount: Int { values.byteCount + best.reduce(0) { $0 + ($1?.byteCount ?? 0) + 16 } }
}

extension OrderKey {
  @inline(__always)
  fileprivate static func choose(
    _ loop: RowLoop, isMinimum: Bool, _ best: inout [Self?], _ winners: inout Winners, _ key: (Int) -> Self
  ) {
    loop.forEach { group, row in
      let key = key(row)
      if let current = best[group] {
        guard isMinimum ? key < current : current < key else { return }
      }
      best[group] = key.owned
      winners.set(group, row)
    }
  }
}

extension Int64: OrderKey {
  static func choose(
    _ keys: OrderKeys, _ loop: RowLoop, isMinimum: Bool, _ best: inout [Int64?], _ winners: inout Winners
  ) throws(QueryError) {
    guard case .narrow(let keys) = keys else { throw QueryError("a key of 64 bits is expected") }
    choose(loop, isMinimum: isMinimum, &best, &winners) { keys[$0] }
  }

  var owned: Int64 { self }
  var byteCount: Int { 8 }

  static func column(_ keys: [Int64?]) -> Column {
    Column(.int64(keys.map { $0 ?? 0 }), optional: keys.map { $0 != nil })
  }
}

extension Int128: OrderKey {
  static func choose(
    _ keys: OrderKeys, _ loop: RowLoop, isMinimum: Bool, _ best: inout [Int128?], _ winners: inout Winners
  ) throws(QueryError) {
    guard case .wide(let keys) = keys else { throw QueryError("a key of 128 bits is expected") }
    choose(loop, isMinimum: isMinimum, &best, &winners) { keys[$0] }
  }

  var owned: Int128 { self }
  var byteCount: Int { 16 }

  static func column(_ keys: [Int128?]) -> Column {
    Column(.int128(keys.map { $0 ?? 0 }), optional: keys.map { $0 != nil })
  }
}

extension BytesKey: OrderKey {
  static func choose(
    _ keys: OrderKeys, _ loop: RowLoop, isMinimum: Bool, _ best: inout [BytesKey?], _ winners: inout Winners
  ) throws(QueryError) {
    guard case .bytes(let keys) = keys else { throw QueryError("a key of bytes is expected") }
    choose(loop, isMinimum: isMinimum, &best, &winners) { keys.key($0) }
  }

  var owned: BytesKey { BytesKey(bytes: ArraySlice(Array(bytes))) }
  var byteCount: Int { bytes.count + 32 }

  static func column(_ keys: [BytesKey?]) -> Column {
    Column(.bytes(StringColumn(bytes: keys.map { $0?.bytes ?? [] })), optional: keys.map { $0 != nil })
  }
}
