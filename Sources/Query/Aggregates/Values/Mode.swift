import Columns

/// `mode`: the most frequent value, of equally frequent ones the smallest. All values are kept until the end.
final class Mode: AggregateState {
  private let type: ColumnType
  private var values: GroupedValues

  init(_ type: ColumnType) {
    self.type = type
    values = GroupedValues(type)
  }

  func resize(to count: Int) { values.resize(to: count) }

  func update(groups: [UInt32], arguments: [Vector], rows: Int, selection: [UInt32]?) throws {
    let column = arguments[0].expanded(rows)
    values.add(column, RowLoop(groups, [column], rows: rows, selection))
  }

  func partial(_ groups: [UInt32]) -> [Column] { [values.lists(groups)] }

  func merge(groups: [UInt32], state: [Column]) throws {
    try state.expect(1)
    try values.merge(groups: groups, state[0])
  }

  func finish(_ count: Int) throws -> Column {
    let sorted = values.settle()
    let keys = try OrderKeys(sorted.column)
    var rows: [UInt32] = []
    for group in 0..<count {
      let order = keys.sorted(sorted.range(group).map { UInt32($0) })
      // The null after the last value, until there is a value.
      var best = UInt32(sorted.column.count)
      var most = 0
      var start = 0
      for index in order.indices where index + 1 == order.count || !keys.equal(order[index], order[index + 1])
      {
        if index + 1 - start > most {
          most = index + 1 - start
          best = order[start]
        }
        start = index + 1
      }
      rows.append(best)
    }
    return Column.concatenate([sorted.column, .nulls(type, count: 1)], type).gather(rows)
  }

  var byteCount: Int { values.byteCount }
}
