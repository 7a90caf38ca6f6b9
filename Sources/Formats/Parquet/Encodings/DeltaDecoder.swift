/// DELTA_BINARY_PACKED integers (Encodings.md): a first value, then blocks of bit-packed deltas relative to each block's
/// minimum.
package enum DeltaDecoder {
  /// Returns the number of integers at the start of `source`, as its header says.
  static func count(_ source: UnsafeRawBufferPointer, most: Int) throws -> Int {
    var position = 0
    _ = try varint(source, &position)
    _ = try varint(source, &position)
    let total = try varint(source, &position)
    guard total <= UInt64(most) else {
      throw ParquetFault.corrupt("\(total) delta-coded values, expected at most \(most)")
    }
    return Int(total)
  }

  /// Reads integers from `source` starting at `position`; the encoded count must be exactly `target.count`. Sums wrap around,
  /// as the format requires; if `T` has 32 bits, they wrap at 32.
  package static func decode<T: FixedWidthInteger & SignedInteger>(
    _ source: UnsafeRawBufferPointer, _ position: inout Int, into target: UnsafeMutableBufferPointer<T>
  ) throws {
    let blockSize = try varint(source, &position)
    let miniblocks = try varint(source, &position)
    let total = try varint(source, &position)
    var value = T(truncatingIfNeeded: try zigzag(source, &position))
    guard total == UInt64(target.count) else {
      throw ParquetFault.corrupt("\(total) delta-coded values, expected \(target.count)")
    }
    guard (1...(1 << 24)).contains(blockSize), miniblocks > 0, blockSize % miniblocks == 0,
      (blockSize / miniblocks) % 8 == 0
    else { throw ParquetFault.corrupt("delta blocks of \(blockSize) values in \(miniblocks) parts") }
    guard target.count > 0 else { return }
    target[0] = value

    let perMiniblock = Int(blockSize / miniblocks)
    var filled = 1
    while filled < target.count {
      let smallest = T(truncatingIfNeeded: try zigzag(source, &position))
      let widths = position
      guard Int(miniblocks) <= source.count - position else { throw endsEarly }
      position += Int(miniblocks)
      for miniblock in 0..<Int(miniblocks) where filled < target.count {
        let width = Int(source[widths + miniblock])
        guard width <= 64 else { throw ParquetFault.corrupt("delta-coded values of \(width) bits") }
        let count = min(perMiniblock, target.count - filled)
        // The format requires the last miniblock to be padded in full, but not every writer does so.
        let length = min(BitPacking.bytes(perMiniblock, width: width), source.count - position)
        guard length >= BitPacking.bytes(count, width: width) else { throw endsEarly }
        let packed = UnsafeRawBufferPointer(rebasing: source[position..<position + length])
        position += length
        value = unpack(
          packed, width: width, after: value, smallest: smallest,
          into: .init(rebasing: target[filled..<filled + count]))
        filled += count
      }
    }
  }

  private static var endsEarly: ParquetFault { .corrupt("delta-coded values end before the last one") }

  private static func unpack<T: FixedWidthInteger & SignedInteger>(
    _ packed: UnsafeRawBufferPointer, width: Int, after last: T, smallest: T,
    into target: UnsafeMutableBufferPointer<T>
  ) -> T {
    var value = last
    var bit = 0
    // As in BitPacking.unpack, but limited to 56 bits, so that eight bytes contain any value at any bit offset.
    let fits = width > 0 && width <= 56 && packed.count >= 8
    let safe = fits ? min(target.count, ((packed.count - 8) * 8 + 7) / width) : 0
    let mask = (UInt64(1) << UInt64(min(width, 56))) &- 1
    for index in 0..<safe {
      let word = packed.loadUnaligned(fromByteOffset: bit &>> 3, as: UInt64.self)
      let delta = T(truncatingIfNeeded: (word &>> UInt64(bit & 7)) & mask)
      value = value &+ smallest &+ delta
      target[index] = value
      bit &+= width
    }
    for index in safe..<target.count {
      let delta = T(truncatingIfNeeded: BitPacking.value(packed, bit: bit, width: width))
      value = value &+ smallest &+ delta
      target[index] = value
      bit &+= width
    }
    return value
  }

  private static func varint(_ source: UnsafeRawBufferPointer, _ position: inout Int) throws -> UInt64 {
    var result: UInt64 = 0
    for shift in stride(from: UInt64(0), through: 63, by: 7) {
      guard position < source.count else { throw endsEarly }
      let byte = source[position]
      position += 1
      guard shift < 63 || byte <= 1 else { break }
      result |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return result }
    }
    throw ParquetFault.corrupt("a delta header has a varint over 64 bits")
  }

  private static func zigzag(_ source: UnsafeRawBufferPointer, _ position: inout Int) throws -> Int64 {
    let value = try varint(source, &position)
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }
}
