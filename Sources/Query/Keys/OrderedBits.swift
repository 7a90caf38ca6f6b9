/// Bits whose unsigned order is the order of SQL: −0 equals 0, NaN equals itself and is above all numbers.
enum OrderedBits {
  @inline(__always)
  static func of(_ value: Double) -> UInt64 {
    if value != value { return ~0 }
    let bits = (value + 0).bitPattern
    return bits >> 63 == 0 ? bits | 1 << 63 : ~bits
  }

  @inline(__always)
  static func of(_ value: Float) -> UInt32 {
    if value != value { return ~0 }
    let bits = (value + 0).bitPattern
    return bits >> 31 == 0 ? bits | 1 << 31 : ~bits
  }
}
