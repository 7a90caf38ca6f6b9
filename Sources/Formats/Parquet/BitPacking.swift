/// Values of 0 to 64 bits laid end to end, the lowest bit of each byte first.
enum BitPacking {
  /// Reads `target.count` values. `source` must hold all of them.
  static func unpack(
    _ source: UnsafeRawBufferPointer, width: Int, into target: UnsafeMutableBufferPointer<UInt32>
  ) {
    precondition(width <= 32 && source.count >= bytes(target.count, width: width))
    guard width > 0 else { return target.update(repeating: 0) }
    let mask = (UInt64(1) << UInt64(width)) &- 1
    // Eight bytes are loaded for each value; values whose eight bytes end behind the source are put together singly.
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

  /// One value of up to 64 bits, read from as few bytes as hold it.
  static func value(_ source: UnsafeRawBufferPointer, bit: Int, width: Int) -> UInt64 {
    guard width > 0 else { return 0 }
    let first = bit >> 3
    let last = (bit + width - 1) >> 3
    let shift = bit & 7
    var result: UInt64 = 0
    for index in first...last {
      let byte = UInt64(source[index])
      let place = (index - first) * 8 - shift
      // Smart shifts: a byte in part before the value's first bit moves right, one past 64 bits falls out.
      result |= place < 0 ? byte >> UInt64(-place) : byte << UInt64(place)
    }
    return width == 64 ? result : result & ((UInt64(1) << UInt64(width)) - 1)
  }

  static func bytes(_ count: Int, width: Int) -> Int { (count * width + 7) / 8 }
}
