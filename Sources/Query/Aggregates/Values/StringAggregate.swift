import Columns

/// `string_agg`: all values that are not null, each but the first after the delimiter of its row.
final class StringAggregate: AggregateState {
  private var texts: [[UInt8]] = []
  /// The delimiter before a group's first value: needed when another partial result comes before it.
  private var delimiters: [[UInt8]] = []
  private var isSet: [Bool] = []
  private var bytes = 0

  func resize(to count: Int) {
    texts.extend(to: count, [])
    delimiters.extend(to: count, [])
    isSet.extend(to: count, false)
  }

  func update(groups: [UInt32], arguments: [Vector], rows: Int, selection: [UInt32]?) throws {
    try add(
      arguments[0].expanded(rows), delimiter: arguments[1].expanded(rows),
      RowLoop(groups, [arguments[0].expanded(rows)], rows: rows, selection))
  }

  private func add(_ values: Column, delimiter: Column, _ loop: RowLoop) throws {
    let values = try values.strings()
    let between = try delimiter.strings()
    values.withPointers { offsets, source in
      loop.forEach { group, row in
        let value = source[offsets[row]..<offsets[row + 1]]
        let gap = between.bytes[between.offsets[row]..<between.offsets[row + 1]]
        bytes += value.count + gap.count
        if isSet[group] {
          texts[group].append(contentsOf: gap)
        } else {
          isSet[group] = true
          delimiters[group] = Array(gap)
        }
        texts[group].append(contentsOf: value)
      }
    }
  }

  private func column(_ groups: some Sequence<Int>) -> Column {
    var strings = StringColumn(emptyStrings: 0)
    for group in groups { texts[group].withUnsafeBytes { strings.append($0) } }
    return Column(.bytes(strings), optional: groups.map { isSet[$0] })
  }

  func partial(_ groups: [UInt32]) -> [Column] {
    [
      column(groups.lazy.map { Int($0) }),
      Column(.bytes(StringColumn(bytes: delimiters.picked(groups)))),
    ]
  }

  func merge(groups: [UInt32], state: [Column]) throws {
    try state.expect(2)
    try add(
      state[0], delimiter: state[1], RowLoop(merging: groups, state, validity: state[0].validity))
  }

  func finish(_ count: Int) throws -> Column { column(0..<count) }

  var byteCount: Int { bytes + texts.count * 48 }
}
