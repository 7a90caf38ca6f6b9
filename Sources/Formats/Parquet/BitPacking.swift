/// Bit-packed values of 0 to 64 bits each, starting at the lowest bit of each byte.
enum BitPacking {
  /// Reads `target.count` values. `source` must hold all of them.
  static func unpack(
    _ source: UnsafeRawBufferPointer, width: Int, into target: UnsafeMutableBufferPointer<UInt32>
  ) {
    precondition(width <= 32 && source.count >= bytes(target.count, width: width))
    guard width > 0 else { return target.update(repeating: 0) }
    let mask = (UInt64(1) << UInt64(width)) &- 1
    // Each value is loaded with one 8-byte read. Values whose eight bytes would reach past the end of the source are read
    // separately.
    let safe = source.count < 8 ? 0 : min(target.count, ((source.count - 8) * 8 + 7) / width)
    var bit = 0
    for index in 0..<safe {
      let word = source.loadUnaligned(fromByteOffset: bit &>> 3, as: UInt64.self)
      target[index] = UInt32(truncatingIfNeeded: (word &>> UInt64(bit & 7)) & mask)
      bit &+= width
    }
    for index in safe..<target.count {
      target[index] = UInt32(truncatingIfNeeded: value(source, bit: bit, width: width))
      bit &+= width
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
