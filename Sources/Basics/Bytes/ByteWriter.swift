/// Appends values in the byte form that every message, task and shuffle block uses: little-endian fixed-width
/// integers, LEB128 varints, and length-prefixed strings and arrays.
package struct ByteWriter: Sendable {
  package private(set) var bytes: [UInt8]

  package init(reserving capacity: Int = 0) {
    bytes = []
    bytes.reserveCapacity(capacity)
  }

  package mutating func integer<T: FixedWidthInteger>(_ value: T) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  package mutating func bool(_ value: Bool) { bytes.append(value ? 1 : 0) }

  package mutating func float(_ value: Float) { integer(value.bitPattern) }

  package mutating func double(_ value: Double) { integer(value.bitPattern) }

  /// LEB128, 1 byte for values under 128.
  package mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  /// A count or index; never negative.
  package mutating func count(_ value: Int) { varint(UInt64(value)) }

  /// A signed value, zigzag encoded so that small magnitudes stay short.
  package mutating func signed(_ value: Int64) { varint(UInt64(bitPattern: (value << 1) ^ (value >> 63))) }

  package mutating func string(_ value: String) {
    var value = value
    value.withUTF8 {
      count($0.count)
      bytes.append(contentsOf: $0)
    }
  }

  /// Length, then the bytes.
  package mutating func blob(_ value: [UInt8]) {
    count(value.count)
    bytes.append(contentsOf: value)
  }

  /// The bytes without a length; the reader must know it.
  package mutating func raw(_ value: UnsafeRawBufferPointer) { bytes.append(contentsOf: value) }

  /// Count, then the values as in memory (all supported hosts are little-endian).
  package mutating func array<T: BitwiseCopyable>(_ values: [T]) {
    count(values.count)
    values.withUnsafeBytes { bytes.append(contentsOf: $0) }
  }

  package mutating func value(_ value: some WireCodable) { value.encode(to: &self) }

  package mutating func list(_ values: some Collection<some WireCodable>) {
    count(values.count)
    for value in values { value.encode(to: &self) }
  }

  package mutating func optional(_ value: (some WireCodable)?) {
    bool(value != nil)
    value?.encode(to: &self)
  }

  /// Clears the bytes and keeps the capacity, for reuse on hot paths.
  package mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }
}

/// A value with a byte form. Decoding checks lengths against the remaining bytes, so hostile input cannot exhaust memory.
package protocol WireCodable {
  func encode(to writer: inout ByteWriter)
  init(from reader: inout ByteReader) throws(WireError)
}

extension WireCodable {
  package var encoded: [UInt8] {
    var writer = ByteWriter()
    encode(to: &writer)
    return writer.bytes
  }

  /// Decodes exactly `bytes`; trailing bytes are an error.
  package init(decoding bytes: [UInt8]) throws(WireError) {
    var reader = ByteReader(bytes)
    try self.init(from: &reader)
    try reader.expectEnd()
  }
}
