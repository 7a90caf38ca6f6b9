import Basics

/// Reads what ``BlockWriter`` wrote, from memory that outlives it. Every read is checked against the bytes that are there.
struct BlockReader {
  private var at: UnsafePointer<UInt8>
  private let end: UnsafePointer<UInt8>

  /// - Returns: nil for no bytes.
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress, bytes.count > 0 else { return nil }
    at = start.assumingMemoryBound(to: UInt8.self)
    end = at + bytes.count
  }

  var remaining: Int { end - at }

  /// Never negative.
  @inline(__always)
  mutating func varint() throws(WireError) -> Int {
    if at < end, at.pointee < 0x80 {
      defer { at += 1 }
      return Int(at.pointee)
    }
    return try longVarint()
  }

  private mutating func longVarint() throws(WireError) -> Int {
    var result: UInt64 = 0
    var shift: UInt64 = 0
    while at < end {
      let byte = at.pointee
      at += 1
      // No number here has its sign bit set.
      guard shift < 63 else { throw .invalid("a number over 63 bits") }
      result |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return Int(result) }
      shift += 7
    }
    throw .truncated(needed: 1, available: 0)
  }

  /// The next `count` numbers, 8 to 16 of them, where each takes one byte; nil where it is otherwise, or too near to the end.
  @inline(__always)
  mutating func smallNumbers(_ count: Int) -> UnsafePointer<UInt8>? {
    guard remaining >= count else { return nil }
    let bytes = UnsafeRawPointer(at)
    let all =
      bytes.loadUnaligned(as: UInt64.self)
      | bytes.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
    guard all & 0x8080_8080_8080_8080 == 0 else { return nil }
    defer { at += count }
    return at
  }

  /// A number of things of which each takes a byte or more, beside others that are still to come.
  @inline(__always)
  mutating func items(beside others: Int = 0) throws(WireError) -> Int {
    let count = try varint()
    guard count <= remaining - others else {
      throw .truncated(needed: count, available: remaining - others)
    }
    return count
  }

  mutating func double() throws(WireError) -> Double {
    let bits = try raw(8).loadUnaligned(as: UInt64.self)
    return Double(bitPattern: UInt64(littleEndian: bits))
  }

  /// The next `count` bytes, where they lie.
  mutating func raw(_ count: Int) throws(WireError) -> UnsafeRawBufferPointer {
    guard count <= remaining else { throw .truncated(needed: count, available: remaining) }
    defer { at += count }
    return UnsafeRawBufferPointer(start: at, count: count)
  }

  func expectEnd() throws(WireError) {
    if remaining != 0 { throw .trailingBytes(remaining) }
  }
}
