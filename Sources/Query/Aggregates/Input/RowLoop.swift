// The rows that an update adds, and the loop over them that all aggregate functions share.
import Columns

/// The rows of one argument that an update adds, with their groups.
struct RowLoop {
  /// Empty if all rows belong to group 0.
  let groups: [UInt32]
  let rows: Int
  let selection: [UInt32]?
  /// False for rows to skip; nil if there are none.
  let validity: [Bool]?

  init(_ groups: [UInt32], rows: Int, _ selection: [UInt32]? = nil, validity: [Bool]? = nil) {
    precondition(groups.isEmpty || groups.count == rows, "one group for each row")
    self.groups = groups
    self.rows = rows
    self.selection = selection
    self.validity = validity
  }

  /// Whether plain loops over all values do: one group, no row is left out.
  var isWhole: Bool { groups.isEmpty && selection == nil && validity == nil }

  /// Calls `body` for each row to add, ascending. Each combination of groups, selection and nulls has its own loop, so that none
  /// of them is tested per row.
  @inline(__always)
  func forEach(_ body: (_ group: Int, _ row: Int) throws -> Void) rethrows {
    try groups.withUnsafeBufferPointer { groups in
      let isGrouped = !groups.isEmpty
      if let selection {
        try selection.withUnsafeBufferPointer { selection in
          if let validity {
            try validity.withUnsafeBufferPointer { validity in
              for row in selection where validity[Int(row)] {
                try body(isGrouped ? Int(groups[Int(row)]) : 0, Int(row))
              }
            }
          } else {
            for row in selection { try body(isGrouped ? Int(groups[Int(row)]) : 0, Int(row)) }
          }
        }
      } else if let validity {
        try validity.withUnsafeBufferPointer { validity in
          if isGrouped {
            for row in 0..<rows where validity[row] { try body(Int(groups[row]), row) }
          } else {
            for row in 0..<rows where validity[row] { try body(0, row) }
          }
        }
      } else if isGrouped {
        for row in 0..<rows { try body(Int(groups[row]), row) }
      } else {
        for row in 0..<rows { try body(0, row) }
      }
    }
  }

  /// How many rows there are if all belong to group 0.
  var count: Int {
    guard let validity else { return selection?.count ?? rows }
    if let selection { return selection.reduce(0) { $0 + (validity[Int($1)] ? 1 : 0) } }
    return validity.withUnsafeBufferPointer { $0.reduce(0) { $0 &+ ($1 ? 1 : 0) } }
  }

  /// The rows, ascending, and the group of each.
  func listed() -> (rows: [UInt32], groups: [UInt32]) {
    var rows: [UInt32] = []
    var groups: [UInt32] = []
    rows.reserveCapacity(selection?.count ?? self.rows)
    groups.reserveCapacity(selection?.count ?? self.rows)
    forEach { group, row in
      rows.append(UInt32(truncatingIfNeeded: row))
      groups.append(UInt32(truncatingIfNeeded: group))
    }
    return (rows, groups)
  }
}

extension RowLoop {
  /// The rows where none of the columns is null.
  init(_ groups: [UInt32], _ columns: [Column], rows: Int, _ selection: [UInt32]?) {
    var validity: [Bool]?
    for column in columns {
      guard let flags = column.validity else { continue }
      guard let before = validity else {
        validity = flags
        continue
      }
      validity = zip(before, flags).map { $0 && $1 }
    }
    self.init(groups, rows: rows, selection, validity: validity)
  }

  /// All rows of a partial result.
  init(merging groups: [UInt32], _ state: [Column], validity: [Bool]? = nil) {
    self.init(groups, rows: state.first?.count ?? 0, validity: validity)
  }
}
