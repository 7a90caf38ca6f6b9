/// Writes the hybrid of run-length and bit-packed encoding that ``RunLengthDecoder`` reads.
package enum RunLengthEncoder {
  /// Number of consecutive equal values from which a run is shorter than bit packing.
  private static let shortestRun = 16

  /// - Parameter width: Bits per value, 1 to 32; all values must fit.
  package static func encode(_ values: UnsafeBufferPointer<UInt32>, width: Int, into target: inout [UInt8]) {
    var packedFrom = 0
    var index = 0
    while index < values.count {
      var end = index + 1
      while end < values.count, values[end] == values[index] { end += 1 }
      // Packed values come in groups of eight, so the first values of a run fill up the last group before it.
      let padding = -(index - packedFrom) & 7
      if end - index - padding >= shortestRun {
        pack(.init(rebasing: values[packedFrom..<index + padding]), width, into: &target)
        run(of: values[index], count: end - index - padding, width, into: &target)
        packedFrom = end
      }
      index = end
    }
    pack(.init(rebasing: values[packedFrom...]), width, into: &target)
  }

  package static func run(of value: UInt32, count: Int, _ width: Int, into target: inout [UInt8]) {
    varint(UInt64(count) << 1, into: &target)
    for byte in 0..<(width + 7) / 8 { target.append(UInt8(truncatingIfNeeded: value >> UInt32(byte * 8))) }
  }

  private static func pack(_ values: UnsafeBufferPointer<UInt32>, _ width: Int, into target: inout [UInt8]) {
    if values.isEmpty { return }
    let groups = (values.count + 7) / 8
    varint(UInt64(groups) << 1 | 1, into: &target)
    // Whole words are stored, so up to four extra bytes are reserved and removed again.
    let end = target.count + groups * width
    target.extend(by: groups * width + 4, 0) { bytes in
      let raw = UnsafeMutableRawBufferPointer(bytes)
      var word: UInt64 = 0
      var bits = 0
      var position = 0
      for value in values {
        word |= UInt64(value) &<< UInt64(bits)
        bits &+= width
        if bits >= 32 {
          raw.storeBytes(of: UInt32(truncatingIfNeeded: word), toByteOffset: position, as: UInt32.self)
          position &+= 4
          word &>>= 32
          bits &-= 32
        }
      }
      if bits > 0 {
        raw.storeBytes(of: UInt32(truncatingIfNeeded: word), toByteOffset: position, as: UInt32.self)
      }
    }
    target.removeLast(target.count - end)
  }

  private static func varint(_ value: UInt64, into target: inout [UInt8]) {
    var rest = value
    while rest >= 0x80 {
      target.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    target.append(UInt8(truncatingIfNeeded: rest))
  }
}
