import Shuffle

extension BlockWriter {
  /// The sums of a user: counts, each sum whose count is not zero, first event since `origin`, last event since the first, then the
  /// days as two halves, if they are bits.
  @inline(__always)
  mutating func row(_ row: UnsafePointer<UserRow>, since origin: Int64, daysAreBits: Bool) {
    reserve((UserCount.number + 4) * 10 + 16)
    if row.pointee.countsBelow128 {
      for number in 0..<UserCount.number { put(byte: UInt8(truncatingIfNeeded: row.pointee[number])) }
    } else {
      for number in 0..<UserCount.number { put(UInt64(bitPattern: row.pointee[number])) }
    }
    if row.pointee[.purchases] != 0 { put(row.pointee.revenue) }
    if row.pointee[.dwells] != 0 { put(row.pointee.dwell) }
    put(UInt64(bitPattern: row.pointee.first &- origin))
    put(UInt64(bitPattern: row.pointee.last &- row.pointee.first))
    if daysAreBits {
      // Two halves: a small number for short ranges, and no sign bit in long ones.
      put(row.pointee.days & 0xffff_ffff)
      put(row.pointee.days >> 32)
    }
  }
}
