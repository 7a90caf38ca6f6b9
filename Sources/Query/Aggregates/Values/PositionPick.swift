import Columns

/// `first`, `last`, `any_value`: the value of one row of each group, chosen by the order of the rows.
final class PositionPick: AggregateState {
  enum Choice {
    case first, last
    /// The first that is not null.
    case any
  }

  private let choice: Choice
  private var values: PickedValues
  private var winners = Winners()

  init(_ choice: Choice, _ type: ColumnType) {
    self.choice = choice
    values = PickedValues(type)
  }

  func resize(to count: Int) {
    values.resize(to: count)
    winners.resize(to: count)
  }

  func update(groups: [UInt32], arguments: [Vector], rows: Int, selection: [UInt32]?) throws {
    let column = arguments[0].expanded(rows)
    add(column, RowLoop(groups, rows: rows, selection, validity: choice == .any ? column.validity : nil))
  }

  private func add(_ column: Column, _ loop: RowLoop) {
    if choice == .last {
      loop.forEach { group, row in winners.set(group, row) }
    } else {
      loop.forEach { group, row in
        if !values.isSet(group), !winners.isSet(group) { winners.set(group, row) }
      }
    }
    let (groups, rows) = winners.take()
    values.set(groups, column.gather(rows))
  }

  /// The value, and whether there is one: `first` may have seen a null.
  func partial(_ groups: [UInt32]) -> [Column] {
    [values.values(groups), Column(.bool(groups.map { values.isSet(Int($0)) }))]
  }

  func merge(groups: [UInt32], state: [Column]) throws {
    try state.expect(2)
    add(state[0], RowLoop(merging: groups, state, validity: try state[1].bools()))
  }

  func finish(_ count: Int) throws -> Column { values.values((0..<UInt32(count)).map { $0 }) }

  var byteCount: Int { values.byteCount }
}
