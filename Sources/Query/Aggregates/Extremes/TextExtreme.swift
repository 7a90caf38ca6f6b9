import Columns

/// `min` and `max` of text and bytes.
final class TextExtreme: AggregateState {
  private let isMinimum: Bool
  private var best = TextTable()

  init(isMinimum: Bool) { self.isMinimum = isMinimum }

  func resize(to count: Int) { best.resize(to: count) }

  func update(groups: [UInt32], arguments: [Vector], rows: Int, selection: [UInt32]?) throws {
    let column = arguments[0].expanded(rows)
    let loop = RowLoop(groups, [column], rows: rows, selection)
    if case .dictionary(let dictionary) = column.values {
      best.add(dictionary, loop, isMinimum: isMinimum)
    } else {
      best.add(try column.strings(), loop, isMinimum: isMinimum)
    }
  }

  func partial(_ groups: [UInt32]) -> [Column] { [best.column(groups.lazy.map { Int($0) })] }

  func merge(groups: [UInt32], state: [Column]) throws {
    try state.expect(1)
    best.add(
      try state[0].strings(), RowLoop(merging: groups, state, validity: state[0].validity),
      isMinimum: isMinimum)
  }

  func finish(_ count: Int) throws -> Column { best.column(0..<count) }

  var byteCount: Int { best.byteCount }
}

/// The best text of each group.
private struct TextTable {
  private var places: [Place] = []
  private var bytes: [UInt8] = []
  /// Bytes that no group uses any more.
  private var unused = 0

  struct Place: BitwiseCopyable {
    /// The first eight bytes, which decide most comparisons.
    var prefix: UInt64 = 0
    var start = 0
    /// −1 if there is no text.
    var length: Int32 = -1
    var room: Int32 = 0
  }

  var byteCount: Int { places.count * MemoryLayout<Place>.stride + bytes.count }

  mutating func resize(to count: Int) { places.extend(to: count, Place()) }

  mutating func add(_ strings: StringColumn, _ loop: RowLoop, isMinimum: Bool) {
    strings.withPointers { offsets, source in
      loop.forEach { group, row in
        add(.init(rebasing: source[offsets[row]..<offsets[row + 1]]), group, isMinimum: isMinimum)
      }
    }
  }

  mutating func add(_ column: DictionaryColumn, _ loop: RowLoop, isMinimum: Bool) {
    column.entries.withPointers { offsets, source in
      column.indices.withUnsafeBufferPointer { indices in
        loop.forEach { group, row in
          let entry = Int(indices[row])
          add(.init(rebasing: source[offsets[entry]..<offsets[entry + 1]]), group, isMinimum: isMinimum)
        }
      }
    }
  }

  @inline(__always)
  private mutating func add(_ value: UnsafeRawBufferPointer, _ group: Int, isMinimum: Bool) {
    let prefix = Self.prefix(value)
    let place = places[group]
    if place.length >= 0 {
      if prefix != place.prefix {
        guard isMinimum == (prefix < place.prefix) else { return }
      } else {
        let order = compare(value, place)
        guard isMinimum ? order < 0 : order > 0 else { return }
      }
    }
    set(value, group, prefix)
  }

  /// The first eight bytes as a number with the order of the bytes; zeros after the end of a shorter text.
  @inline(__always)
  private static func prefix(_ value: UnsafeRawBufferPointer) -> UInt64 {
    if value.count >= 8 { return UInt64(bigEndian: value.loadUnaligned(as: UInt64.self)) }
    var prefix: UInt64 = 0
    for index in 0..<value.count { prefix |= UInt64(value[index]) << UInt64(56 - 8 * index) }
    return prefix
  }

  @inline(never)
  private func compare(_ value: UnsafeRawBufferPointer, _ place: Place) -> Int {
    bytes.withUnsafeBytes { bytes in
      ByteText.compare(value, .init(rebasing: bytes[place.start..<place.start + Int(place.length)]))
    }
  }

  @inline(never)
  private mutating func set(_ value: UnsafeRawBufferPointer, _ group: Int, _ prefix: UInt64) {
    let length = Int32(truncatingIfNeeded: value.count)
    places[group].prefix = prefix
    places[group].length = length
    if length <= places[group].room {
      let start = places[group].start
      bytes.withUnsafeMutableBytes { bytes in
        UnsafeMutableRawBufferPointer(rebasing: bytes[start..<start + value.count]).copyMemory(from: value)
      }
      return
    }
    unused += Int(places[group].room)
    places[group].start = bytes.count
    places[group].room = length
    bytes.append(contentsOf: value)
    if unused > 1 << 16, unused * 2 > bytes.count { compact() }
  }

  private mutating func compact() {
    var kept: [UInt8] = []
    kept.reserveCapacity(bytes.count - unused)
    for group in places.indices where places[group].length >= 0 {
      let range = places[group].start..<places[group].start + Int(places[group].length)
      places[group].start = kept.count
      places[group].room = places[group].length
      kept.append(contentsOf: bytes[range])
    }
    bytes = kept
    unused = 0
  }

  func column(_ groups: some Sequence<Int>) -> Column {
    var strings = StringColumn(emptyStrings: 0)
    var validity: [Bool] = []
    for group in groups {
      let place = places[group]
      validity.append(place.length >= 0)
      strings.bytes.append(contentsOf: bytes[place.start..<place.start + max(0, Int(place.length))])
      strings.offsets.append(strings.bytes.count)
    }
    return Column(.bytes(strings), optional: validity)
  }
}

extension StringColumn {
  @inline(__always)
  func withPointers(_ body: (UnsafeBufferPointer<Int>, UnsafeRawBufferPointer) throws -> Void) rethrows {
    try offsets.withUnsafeBufferPointer { offsets in try bytes.withUnsafeBytes { try body(offsets, $0) } }
  }
}
