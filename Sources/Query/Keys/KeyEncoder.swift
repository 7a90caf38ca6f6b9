import Columns

/// Turns the values of key columns into byte strings: equal keys are equal bytes (−0 is 0, every NaN the same), and for sort keys
/// the order of the bytes is the order of the keys. Under groups, joins and sorts.
package struct KeyEncoder {
  package struct Part: Hashable, Sendable {
    package var type: ColumnType
    package var isDescending: Bool
    package var nullsFirst: Bool

    package init(_ type: ColumnType, isDescending: Bool = false, nullsFirst: Bool = false) {
      self.type = type
      self.isDescending = isDescending
      self.nullsFirst = nullsFirst
    }
  }

  private let parts: [Part]
  private let isOrdered: Bool
  /// Where the next part of each row's key goes.
  private var cursors: [Int] = []

  /// - Parameter isOrdered: Whether the order of the bytes matters. Keys that are only compared for equality are shorter.
  package init(_ parts: [Part], isOrdered: Bool) {
    self.parts = parts
    self.isOrdered = isOrdered
  }

  /// Encodes the keys of `rows` rows.
  package mutating func encode(_ columns: [Column], rows: Int, into buffer: KeyBuffer) {
    measure(columns, rows, buffer)
    buffer.hasNull = nil
    cursors = buffer.offsets
    for (part, column) in zip(parts, columns) { put(column, part, rows, buffer) }
  }

  /// Computes the length of each key and sets the offsets.
  private func measure(_ columns: [Column], _ rows: Int, _ buffer: KeyBuffer) {
    var fixed = 0
    var lengths: [Int]?
    for (part, column) in zip(parts, columns) {
      if let width = KeyEncoder.width(part.type) {
        fixed += 1 + width
      } else {
        fixed += 1
        var sums = lengths ?? Array(repeating: 0, count: rows)
        for row in 0..<rows { sums[row] += length(column, row, part.type) }
        lengths = sums
      }
    }
    buffer.offsets = [Int](unsafeUninitializedCapacity: rows + 1) { offsets, count in
      var end = 0
      offsets[0] = 0
      if let lengths {
        for row in 0..<rows {
          end += fixed + lengths[row]
          offsets[row + 1] = end
        }
      } else {
        for row in 0..<rows {
          end += fixed
          offsets[row + 1] = end
        }
      }
      count = rows + 1
    }
    buffer.reserve(buffer.offsets[rows])
  }

  /// Bytes of a value; nil if they vary.
  private static func width(_ type: ColumnType) -> Int? {
    switch type.storage {
    case .bool: 1
    case .int32, .float: 4
    case .int64, .double: 8
    case .int128, .interval: 16
    case .bytes, .list, .structure: nil
    }
  }

  private func length(_ column: Column, _ row: Int, _ type: ColumnType) -> Int {
    if column.isNull(row) { return 0 }
    switch column.values {
    case .bytes(let strings):
      return textLength(strings, row)
    case .dictionary(let dictionary):
      return textLength(dictionary.entries, Int(dictionary.indices[row]))
    default:
      return NestedKey(isOrdered: true).length(column, row, type)
    }
  }

  private func textLength(_ strings: StringColumn, _ row: Int) -> Int {
    let range = strings.offsets[row]..<strings.offsets[row + 1]
    guard isOrdered else { return 4 + range.count }
    return strings.bytes.withUnsafeBufferPointer { bytes in
      range.reduce(range.count + 2) { $0 + (bytes[$1] == 0 ? 1 : 0) }
    }
  }

  private mutating func put(_ column: Column, _ part: Part, _ rows: Int, _ buffer: KeyBuffer) {
    let flip: UInt8 = isOrdered && part.isDescending ? 0xff : 0
    // Present values are marked 1; nulls sort before or after.
    let null: UInt8 = part.nullsFirst ? 0 : 2
    if let validity = column.validity {
      var hasNull = buffer.hasNull ?? Array(repeating: false, count: rows)
      for row in 0..<rows {
        buffer.base[cursors[row]] = validity[row] ? 1 : null
        cursors[row] += 1
        if !validity[row] { hasNull[row] = true }
      }
      buffer.hasNull = hasNull
    } else {
      for row in 0..<rows {
        buffer.base[cursors[row]] = 1
        cursors[row] += 1
      }
    }
    let validity = column.validity
    switch column.values {
    case .bool(let values): fixed(rows, validity, buffer, flip) { UInt8(values[$0] ? 1 : 0) }
    case .int32(let values):
      values.withUnsafeBufferPointer { values in
        fixed(rows, validity, buffer, flip) { (UInt32(bitPattern: values[$0]) ^ 0x8000_0000).bigEndian }
      }
    case .int64(let values):
      values.withUnsafeBufferPointer { values in
        fixed(rows, validity, buffer, flip) { (UInt64(bitPattern: values[$0]) ^ (1 << 63)).bigEndian }
      }
    case .int128(let values):
      fixed(rows, validity, buffer, flip) { (UInt128(bitPattern: values[$0]) ^ (1 << 127)).bigEndian }
    case .float(let values):
      fixed(rows, validity, buffer, flip) { OrderedBits.of(values[$0]).bigEndian }
    case .double(let values):
      values.withUnsafeBufferPointer { values in
        fixed(rows, validity, buffer, flip) { OrderedBits.of(values[$0]).bigEndian }
      }
    case .interval(let values):
      fixed(rows, validity, buffer, flip) {
        (UInt128(bitPattern: values[$0].span) ^ (1 << 127)).bigEndian
      }
    case .bytes(let strings): text(strings, rows, validity, buffer, flip) { $0 }
    case .dictionary(let dictionary):
      text(dictionary.entries, rows, validity, buffer, flip) { Int(dictionary.indices[$0]) }
    case .list, .structure:
      let nested = NestedKey(isOrdered: true)
      for row in 0..<rows where validity.map({ $0[row] }) ?? true {
        let start = cursors[row]
        nested.put(column, row, part.type, buffer.base, &cursors[row])
        if flip != 0 { for position in start..<cursors[row] { buffer.base[position] ^= flip } }
      }
    }
  }

  @inline(__always)
  private mutating func fixed<Bits: FixedWidthInteger & UnsignedInteger>(
    _ rows: Int, _ validity: [Bool]?, _ buffer: KeyBuffer, _ flip: UInt8, _ bits: (Int) -> Bits
  ) {
    let width = MemoryLayout<Bits>.size
    let mask: Bits = flip == 0 ? 0 : ~0
    let base = UnsafeMutableRawPointer(buffer.base)
    cursors.withUnsafeMutableBufferPointer { cursors in
      for row in 0..<rows {
        // What stands in place of a null is zero, so its bytes are the same in every null key.
        let isPresent = validity.map { $0[row] } ?? true
        base.storeBytes(of: isPresent ? bits(row) ^ mask : 0, toByteOffset: cursors[row], as: Bits.self)
        cursors[row] &+= width
      }
    }
  }

  private mutating func text(
    _ strings: StringColumn, _ rows: Int, _ validity: [Bool]?, _ buffer: KeyBuffer, _ flip: UInt8,
    _ entry: (Int) -> Int
  ) {
    strings.bytes.withUnsafeBufferPointer { bytes in
      for row in 0..<rows where validity.map({ $0[row] }) ?? true {
        let index = entry(row)
        let range = strings.offsets[index]..<strings.offsets[index + 1]
        var cursor = cursors[row]
        let target = buffer.base
        if isOrdered {
          for position in range {
            target[cursor] = bytes[position] ^ flip
            cursor += 1
            if bytes[position] == 0 {
              target[cursor] = 0xff ^ flip
              cursor += 1
            }
          }
          target[cursor] = flip
          target[cursor + 1] = flip
          cursor += 2
        } else {
          UnsafeMutableRawPointer(target).storeBytes(
            of: UInt32(truncatingIfNeeded: range.count), toByteOffset: cursor, as: UInt32.self)
          cursor += 4
          if let source = bytes.baseAddress {
            ShortCopy.copy(
              UnsafeRawPointer(source + range.lowerBound), to: UnsafeMutableRawPointer(target + cursor),
              count: range.count)
          }
          cursor += range.count
        }
        cursors[row] = cursor
      }
    }
  }
}
