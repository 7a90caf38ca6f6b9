import Columns

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

  /// Microseconds of an interval, with months of 30 days and days of 24 hours, as PostgreSQL compares them.
  static func length(_ interval: Interval) -> Int128 {
    (Int128(interval.months) * 30 + Int128(interval.days)) * 86_400_000_000 + Int128(interval.microseconds)
  }
}
