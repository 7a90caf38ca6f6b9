/// Bit-packed values of 0 to 64 bits each, starting at the lowest bit of each byte.
enum BitPacking {
  /// Reads `count` values of up to 32 bits, from value number `first` on. `source` must hold all of them.
  @inline(__always)
  static func unpack<T: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
    _ source: UnsafeRawBufferPointer, first: Int, width: Int, count: Int, into target: UnsafeMutablePointer<T>
  ) {
    precondition(width <= 32 && source.count >= bytes(first + count, width: width))
    guard width > 0, count > 0, let base = source.baseAddress else {
      return target.update(repeating: 0, count: count)
    }
    let mask = (UInt64(1) << UInt64(width)) &- 1
    // Each value is loaded with one 8-byte read. Values whose eight bytes would reach past the end of the source are read
    // separately.
    let all = source.count < 8 ? 0 : ((source.count - 8) * 8 + 7) / width
    let safe = min(count, max(0, all - first))
    var bit = first &* width
    var index = 0
    if width <= 7 {
      // Eight values lie within one word, wherever it begins within a byte.
      while index &+ 8 <= safe {
        var word = base.loadUnaligned(fromByteOffset: bit &>> 3, as: UInt64.self) &>> UInt64(bit & 7)
        for step in 0..<8 {
          target[index &+ step] = T(truncatingIfNeeded: word & mask)
          word &>>= UInt64(width)
        }
        index &+= 8
        bit &+= width &* 8
      }
    }
    while index < safe {
      let word = base.loadUnaligned(fromByteOffset: bit &>> 3, as: UInt64.self)
      target[index] = T(truncatingIfNeeded: (word &>> UInt64(bit & 7)) & mask)
      bit &+= width
      index &+= 1
    }
    while index < count {
      target[index] = T(truncatingIfNeeded: value(source, bit: bit, width: width))
      bit &+= width
      index &+= 1
    }
  }

  /// Reads one value of up to 64 bits, touching only the bytes that contain it.
  static func value(_ source: UnsafeRawBufferPointer, bit: Int, width: Int) -> UInt64 {
    guard width > 0 else { return 0 }
    let first = bit >> 3
    let last = (bit + width - 1) >> 3
    let shift = bit & 7
    var result: UInt64 = 0
    for index in first...last {
      let byte = UInt64(source[index])
      let position = (index - first) * 8 - shift
      // Smart shifts: a byte that starts before the value's first bit moves right, and bits shifted past 64 are dropped.
      result |= position < 0 ? byte >> UInt64(-position) : byte << UInt64(position)
    }
    return width == 64 ? result : result & ((UInt64(1) << UInt64(width)) - 1)
  }

  static func bytes(_ count: Int, width: Int) -> Int { (count * width + 7) / 8 }
}
