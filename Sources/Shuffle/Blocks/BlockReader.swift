import Basics

/// Reads what ``BlockWriter`` wrote, from memory that outlives it. Every read is bounds-checked.
public struct BlockReader {
  @usableFromInline var position: UnsafePointer<UInt8>
  @usableFromInline let end: UnsafePointer<UInt8>

  /// Returns nil if there are no bytes.
  public init?(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress, bytes.count > 0 else { return nil }
    position = start.assumingMemoryBound(to: UInt8.self)
    end = position + bytes.count
  }

  @inlinable public var remaining: Int { end - position }

  /// Never negative.
  @inlinable @inline(__always)
  public mutating func varint() throws(WireError) -> Int {
    if position < end, position.pointee < 0x80 {
      defer { position += 1 }
      return Int(position.pointee)
    }
    return try longVarint()
  }

  @usableFromInline
  mutating func longVarint() throws(WireError) -> Int {
    var result: UInt64 = 0
    var shift: UInt64 = 0
    while position < end {
      let byte = position.pointee
      position += 1
      // Only numbers of up to 63 bits are written.
      guard shift < 63 else { throw .invalid("a number over 63 bits") }
      result |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return Int(result) }
      shift += 7
    }
    throw .truncated(needed: 1, available: 0)
  }

  /// The next `count` numbers, 8 to 16 of them, if each is a single byte; otherwise nil, and nothing is read.
  @inlinable @inline(__always)
  public mutating func smallNumbers(_ count: Int) -> UnsafePointer<UInt8>? {
    guard remaining >= count else { return nil }
    let bytes = UnsafeRawPointer(position)
    let all =
      bytes.loadUnaligned(as: UInt64.self)
      | bytes.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
    guard all & 0x8080_8080_8080_8080 == 0 else { return nil }
    defer { position += count }
    return position
  }

  /// Number of items, each of which takes at least a byte of what follows, besides `others` bytes already accounted for.
  @inlinable @inline(__always)
  public mutating func items(beside others: Int = 0) throws(WireError) -> Int {
    let count = try varint()
    guard count <= remaining - others else {
      throw .truncated(needed: count, available: remaining - others)
    }
    return count
  }

  @inlinable
  public mutating func double() throws(WireError) -> Double {
    let bits = try raw(8).loadUnaligned(as: UInt64.self)
    return Double(bitPattern: UInt64(littleEndian: bits))
  }

  /// The next `count` bytes, not copied.
  @inlinable
  public mutating func raw(_ count: Int) throws(WireError) -> UnsafeRawBufferPointer {
    guard count <= remaining else { throw .truncated(needed: count, available: remaining) }
    defer { position += count }
    return UnsafeRawBufferPointer(start: position, count: count)
  }

  public func expectEnd() throws(WireError) {
    if remaining != 0 { throw .trailingBytes(remaining) }
  }
}
