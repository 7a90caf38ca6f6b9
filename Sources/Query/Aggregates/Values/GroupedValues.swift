import Columns

/// All values of each group, in the order in which they came: parts of columns, and the group of each value. Sorted by group when
/// first asked for.
struct GroupedValues {
  let type: ColumnType
  private var parts: [Column] = []
  private var groups: [UInt32] = []
  private var groupCount = 0
  private var sorted: Sorted?
  private var bytes = 0

  /// The values by group: those of group g are `starts[g]..<starts[g + 1]`.
  struct Sorted {
    let column: Column
    let starts: [Int]

    func range(_ group: Int) -> Range<Int> { starts[group]..<starts[group + 1] }
  }

  init(_ type: ColumnType) { self.type = type }

  var byteCount: Int { bytes + groups.count * 4 }

  mutating func resize(to count: Int) {
    guard count > groupCount else { return }
    groupCount = count
    sorted = nil
  }

  mutating func add(_ column: Column, _ loop: RowLoop) {
    let (rows, groups) = loop.listed()
    guard !rows.isEmpty else { return }
    add(rows.count == column.count ? column : column.gather(rows), groups: groups)
  }

  /// - Parameter groups: One for each value.
  private mutating func add(_ column: Column, groups: [UInt32]) {
    if case .dictionary(let values) = column.values {
      parts.append(Column(.bytes(values.decoded()), validity: column.validity))
    } else {
      parts.append(column)
    }
    self.groups.append(contentsOf: groups)
    bytes += column.byteCount
    sorted = nil
  }

  mutating func settle() -> Sorted {
    if let sorted { return sorted }
    var starts = [Int](repeating: 0, count: groupCount + 1)
    for group in groups { starts[Int(group) + 1] += 1 }
    for group in 0..<groupCount { starts[group + 1] += starts[group] }
    var next = starts
    var order = [UInt32](repeating: 0, count: groups.count)
    for (index, group) in groups.enumerated() {
      order[next[Int(group)]] = UInt32(truncatingIfNeeded: index)
      next[Int(group)] += 1
    }
    // The parts stay as they are, so that what comes later is added in order.
    let all = Column.concatenate(parts, type)
    parts = parts.isEmpty ? [] : [all]
    let sorted = Sorted(column: all.gather(order), starts: starts)
    self.sorted = sorted
    return sorted
  }

  /// One list for each group; null for a group without values.
  mutating func lists(_ groups: [UInt32]) -> Column {
    let sorted = settle()
    var order: [UInt32] = []
    var offsets = [0]
    for group in groups {
      for index in sorted.range(Int(group)) { order.append(UInt32(truncatingIfNeeded: index)) }
      offsets.append(order.count)
    }
    return Column(
      .list(ListColumn(offsets: offsets, elements: sorted.column.gather(order))),
      optional: groups.map { !sorted.range(Int($0)).isEmpty })
  }

  /// Adds the elements of list i to group `groups[i]`.
  mutating func merge(groups: [UInt32], _ column: Column) throws(QueryError) {
    let lists = try column.lists()
    guard lists.elements.count > 0 else { return }
    var owners: [UInt32] = []
    owners.reserveCapacity(lists.elements.count)
    for row in 0..<lists.count {
      let group = groups.isEmpty ? 0 : groups[row]
      owners.append(contentsOf: repeatElement(group, count: lists.offsets[row + 1] - lists.offsets[row]))
    }
    add(lists.elements, groups: owners)
  }
}
