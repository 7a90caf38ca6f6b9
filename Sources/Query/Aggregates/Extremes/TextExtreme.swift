import Columns

/// `min` and `max` of text and bytes.
final class TextExtreme: AggregateState {
  private let isMinimum: Bool
  /// The best value of each group, wherever it lies in `bytes`; a length of −1 if there is none.
  private var places: [Place] = []
  private var bytes: [UInt8] = []
  /// Bytes that no group uses any more.
  private var unused = 0

  private struct Place: BitwiseCopyable {
    var start = 0
    var length: Int32 = -1
    var room: Int32 = 0
  }

  init(isMinimum: Bool) { self.isMinimum = isMinimum }

  func resize(to count: Int) { places.extend(to: count, Place()) }

  func update(groups: [UInt32], arguments: [Vector], rows: Int, selection: [UInt32]?) throws {
    let column = arguments[0].expanded(rows)
    let loop = RowLoop(groups, [column], rows: rows, selection)
    if case .dictionary(let dictionary) = column.values {
      dictionary.entries.withPointers { offsets, source in
        dictionary.indices.withUnsafeBufferPointer { indices in
          loop.forEach { group, row in
            let entry = Int(indices[row])
            add(.init(rebasing: source[offsets[entry]..<offsets[entry + 1]]), group)
          }
        }
      }
    } else {
      add(try column.strings(), loop)
    }
  }

  private func add(_ strings: StringColumn, _ loop: RowLoop) {
    strings.withPointers { offsets, source in
      loop.forEach { group, row in add(.init(rebasing: source[offsets[row]..<offsets[row + 1]]), group) }
    }
  }

  private func add(_ value: UnsafeRawBufferPointer, _ group: Int) {
    let place = places[group]
    if place.length >= 0 {
      let order = bytes.withUnsafeBytes { bytes in
        ByteCompare.compare(value, .init(rebasing: bytes[place.start..<place.start + Int(place.length)]))
      }
      guard isMinimum ? order < 0 : order > 0 else { return }
    }
    let length = Int32(truncatingIfNeeded: value.count)
    if length <= place.room {
      bytes.withUnsafeMutableBytes { bytes in
        UnsafeMutableRawBufferPointer(rebasing: bytes[place.start..<place.start + value.count])
          .copyMemory(from: value)
      }
      places[group].length = length
      return
    }
    unused += Int(place.room)
    places[group] = Place(start: bytes.count, length: length, room: length)
    bytes.append(contentsOf: value)
    if unused > 1 << 16, unused * 2 > bytes.count { compact() }
  }

  private func compact() {
    var kept: [UInt8] = []
    kept.reserveCapacity(bytes.count - unused)
    for group in places.indices where places[group].length >= 0 {
      let place = places[group]
      places[group] = Place(start: kept.count, length: place.length, room: place.length)
      kept.append(contentsOf: bytes[place.start..<place.start + Int(place.length)])
    }
    bytes = kept
    unused = 0
  }

  private func column(_ groups: some Sequence<Int>) -> Column {
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

  func partial(_ groups: [UInt32]) -> [Column] { [column(groups.lazy.map { Int($0) })] }

  func merge(groups: [UInt32], state: [Column]) throws {
    try state.expect(1)
    add(try state[0].strings(), RowLoop(merging: groups, state, validity: state[0].validity))
  }

  func finish(_ count: Int) throws -> Column { column(0..<count) }

  var byteCount: Int { places.count * 16 + bytes.count }
}

extension StringColumn {
  @inline(__always)
  func withPointers(_ body: (UnsafeBufferPointer<Int>, UnsafeRawBufferPointer) throws -> Void) rethrows {
    try offsets.withUnsafeBufferPointer { offsets in try bytes.withUnsafeBytes { try body(offsets, $0) } }
  }
}
