import Columns

/// `array_agg`: a list of all values, nulls among them, in the order of the rows.
final class ArrayAggregate: AggregateState {
  private var values: GroupedValues

  init(_ type: ColumnType) { values = GroupedValues(type) }

  func resize(to count: Int) { values.resize(to: count) }

  func update(groups: [UInt32], arguments: [Vector], rows: Int, selection: [UInt32]?) throws {
    values.add(arguments[0].expanded(rows), RowLoop(groups, rows: rows, selection))
  }

  func partial(_ groups: [UInt32]) -> [Column] { [values.lists(groups)] }

  func merge(groups: [UInt32], state: [Column]) throws {
    try state.expect(1)
    try values.merge(groups: groups, state[0])
  }

  func finish(_ count: Int) throws -> Column { values.lists((0..<count).map { UInt32($0) }) }

  var byteCount: Int { values.byteCount }
}
