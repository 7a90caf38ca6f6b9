import Columns

/// At most one value of any type for each group: parts of columns, and where in them the value of each group is.
struct PickedValues {
  private let type: ColumnType
  private var parts: [Column] = []
  private var total = 0
  /// By group: row in all parts, or −1.
  private(set) var positions: [Int] = []

  init(_ type: ColumnType) { self.type = type }

  var byteCount: Int { positions.count * 8 + parts.reduce(0) { $0 + $1.byteCount } }

  mutating func resize(to count: Int) { positions.extend(to: count, -1) }

  func isSet(_ group: Int) -> Bool { positions[group] >= 0 }

  /// Value i of the column becomes that of group `groups[i]`; each group occurs once.
  mutating func set(_ groups: [UInt32], _ column: Column) {
    guard !groups.isEmpty else { return }
    for (index, group) in groups.enumerated() { positions[Int(group)] = total + index }
    if case .dictionary(let values) = column.values {
      parts.append(Column(.bytes(values.decoded()), validity: column.validity))
    } else {
      parts.append(column)
    }
    total += groups.count
    if total > 4096, total > 4 * positions.count { compact() }
  }

  private mutating func compact() {
    let groups = positions.indices.filter { positions[$0] >= 0 }.map { UInt32($0) }
    let column = values(groups)
    parts = [column]
    total = column.count
    for (index, group) in groups.enumerated() { positions[Int(group)] = index }
  }

  /// The values of the groups; null for a group without one.
  mutating func values(_ groups: [UInt32]) -> Column {
    let all = Column.concatenate(parts, type)
    if parts.count > 1 { parts = [all] }
    let rows = groups.map { positions[Int($0)] }
    guard rows.contains(-1) else { return all.gather(rows.map { UInt32($0) }) }
    let extended = Column.concatenate([all, .nulls(type, count: 1)], type)
    return extended.gather(rows.map { UInt32($0 < 0 ? all.count : $0) })
  }
}

/// The rows of one batch that a group was last seen to prefer.
struct Winners {
  private var rows: [Int32] = []
  private var groups: [UInt32] = []

  mutating func resize(to count: Int) { rows.extend(to: count, -1) }

  func isSet(_ group: Int) -> Bool { rows[group] >= 0 }

  @inline(__always)
  mutating func set(_ group: Int, _ row: Int) {
    if rows[group] < 0 { groups.append(UInt32(truncatingIfNeeded: group)) }
    rows[group] = Int32(truncatingIfNeeded: row)
  }

  /// The groups that have a row, and these rows; they have none afterwards.
  mutating func take() -> (groups: [UInt32], rows: [UInt32]) {
    let taken = groups.map { UInt32(rows[Int($0)]) }
    for group in groups { rows[Int(group)] = -1 }
    defer { groups.removeAll(keepingCapacity: true) }
    return (groups, taken)
  }
}
