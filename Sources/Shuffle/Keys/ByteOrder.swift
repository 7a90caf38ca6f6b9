import Columns
import Glibc

/// The order of keys: bytewise, a prefix before the longer key.
public enum ByteOrder {
  /// Negative if `a` comes first, 0 if they are equal.
  public static func compare(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Int {
    let shared = min(a.count, b.count)
    if shared > 0, let first = a.baseAddress, let second = b.baseAddress {
      let order = memcmp(first, second, shared)
      if order != 0 { return Int(order) }
    }
    return a.count - b.count
  }

  public static func compare(_ a: [UInt8], _ b: [UInt8]) -> Int {
    a.withUnsafeBytes { a in b.withUnsafeBytes { compare(a, $0) } }
  }

  public static func precedes(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
    compare(a, b) < 0
  }

  public static func areEqual(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
    a.count == b.count && compare(a, b) == 0
  }

  /// The numbers below `count`, sorted by their keys; numbers with equal keys stay in ascending order.
  /// - Parameter key: Memory that stays valid during the call.
  @inline(__always)
  public static func sorted(_ count: Int, key: (Int) -> UnsafeRawBufferPointer) -> FlatArray<UInt32> {
    // Eight bytes settle most comparisons without touching the keys.
    var prefixes = FlatArray<(prefix: UInt64, index: UInt32)>(capacity: count)
    for index in 0..<count { prefixes.append((prefix(of: key(index)), UInt32(index))) }
    var elements = prefixes.elements
    elements.sort { a, b in
      if a.prefix != b.prefix { return a.prefix < b.prefix }
      let order = compare(key(Int(a.index)), key(Int(b.index)))
      return order == 0 ? a.index < b.index : order < 0
    }
    var sorted = FlatArray<UInt32>(capacity: count)
    for element in elements { sorted.append(element.index) }
    return sorted
  }

  /// The first eight bytes as a number with the same order, padded with zeros.
  private static func prefix(of key: UnsafeRawBufferPointer) -> UInt64 {
    if key.count >= 8 { return UInt64(bigEndian: key.loadUnaligned(as: UInt64.self)) }
    var prefix: UInt64 = 0
    for (index, byte) in key.enumerated() { prefix |= UInt64(byte) << UInt64(56 - 8 * index) }
    return prefix
  }
}
