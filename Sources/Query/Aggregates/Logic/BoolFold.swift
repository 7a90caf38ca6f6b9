import Columns

/// `bool_and`, `bool_or`, and `min` and `max` of booleans.
final class BoolFold: AggregateState {
  private enum Flag {
    static let none: UInt8 = 0
    static let no: UInt8 = 1
    static let yes: UInt8 = 2
  }

  private let isAnd: Bool
  private var flags: [UInt8] = []

  init(isAnd: Bool) { self.isAnd = isAnd }

  func resize(to count: Int) { flags.extend(to: count, Flag.none) }

  func update(groups: [UInt32], arguments: [Vector], rows: Int, selection: [UInt32]?) throws {
    try add(arguments[0].expanded(rows), groups, rows, selection)
  }

  private func add(_ column: Column, _ groups: [UInt32], _ rows: Int, _ selection: [UInt32]?) throws {
    let values = try column.bools()
    flags.withUnsafeMutableBufferPointer { flags in
      RowLoop(groups, [column], rows: rows, selection).forEach { group, row in
        let flag = values[row] ? Flag.yes : Flag.no
        if isAnd {
          flags[group] = flags[group] == Flag.none ? flag : min(flags[group], flag)
        } else {
          flags[group] = max(flags[group], flag)
        }
      }
    }
  }

  private func column(_ flags: some Collection<UInt8>) -> Column {
    Column(.bool(flags.map { $0 == Flag.yes }), optional: flags.map { $0 != Flag.none })
  }

  func partial(_ groups: [UInt32]) -> [Column] { [column(flags.picked(groups))] }

  func merge(groups: [UInt32], state: [Column]) throws {
    try state.expect(1)
    try add(state[0], groups, state[0].count, nil)
  }

  func finish(_ count: Int) throws -> Column { column(flags[0..<count]) }

  var byteCount: Int { flags.count }
}
