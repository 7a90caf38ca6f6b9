/// Appends values in the byte form that every message, task and shuffle block uses: little-endian fixed-width
/// integers, LEB128 varints, and length-prefixed strings and arrays.
public struct ByteWriter: Sendable {
  @usableFromInline var written: [UInt8]

  @inlinable public var bytes: [UInt8] { written }

  @inlinable public init(reserving capacity: Int = 0) {
    written = []
    written.reserveCapacity(capacity)
  }

  @inlinable public mutating func integer<T: FixedWidthInteger>(_ value: T) {
    withUnsafeBytes(of: value.littleEndian) { written.append(contentsOf: $0) }
  }

  @inlinable public mutating func bool(_ value: Bool) { written.append(value ? 1 : 0) }

  @inlinable public mutating func float(_ value: Float) { integer(value.bitPattern) }

  @inlinable public mutating func double(_ value: Double) { integer(value.bitPattern) }

  /// LEB128, 1 byte for values under 128.
  @inlinable public mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      written.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    written.append(UInt8(truncatingIfNeeded: rest))
  }

  /// A count or index; never negative.
  @inlinable public mutating func count(_ value: Int) { varint(UInt64(value)) }

  /// A signed value, zigzag encoded so that small magnitudes stay short.
  @inlinable public mutating func signed(_ value: Int64) {
    varint(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
  }

  public mutating func string(_ value: String) {
    var value = value
    value.withUTF8 {
      count($0.count)
      written.append(contentsOf: $0)
    }
  }

  /// Length, then the bytes.
  public mutating func blob(_ value: [UInt8]) {
    count(value.count)
    written.append(contentsOf: value)
  }

  /// The bytes without a length; the reader must know it.
  @inlinable public mutating func raw(_ value: UnsafeRawBufferPointer) { written.append(contentsOf: value) }

  /// Count, then the values as in memory (all supported hosts are little-endian).
  @inlinable public mutating func array<T: BitwiseCopyable>(_ values: [T]) {
    count(values.count)
    values.withUnsafeBytes { written.append(contentsOf: $0) }
  }

  @inlinable public mutating func value(_ value: some WireCodable) { value.encode(to: &self) }

  @inlinable public mutating func list(_ values: some Collection<some WireCodable>) {
    count(values.count)
    for value in values { value.encode(to: &self) }
  }

  @inlinable public mutating func optional(_ value: (some WireCodable)?) {
    bool(value != nil)
    value?.encode(to: &self)
  }

  /// Clears the bytes and keeps the capacity, for reuse on hot paths.
  @inlinable public mutating func removeAll() { written.removeAll(keepingCapacity: true) }
}

/// A value with a byte form. Decoding checks lengths against the remaining bytes, so hostile input cannot exhaust memory.
public protocol WireCodable {
  func encode(to writer: inout ByteWriter)
  init(from reader: inout ByteReader) throws(WireError)
}

extension WireCodable {
  @inlinable public var encoded: [UInt8] {
    var writer = ByteWriter()
    encode(to: &writer)
    return writer.bytes
  }

  /// Decodes exactly `bytes`; trailing bytes are an error.
  @inlinable public init(decoding bytes: [UInt8]) throws(WireError) {
    var reader = ByteReader(bytes)
    try self.init(from: &reader)
    try reader.expectEnd()
  }
}
