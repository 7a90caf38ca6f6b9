/// Parquet's hybrid of run-length and bit-packed encoding (Encodings.md, "RLE/Bit-Packing Hybrid"), used for dictionary
/// indices, definition levels and booleans.
package enum RunLengthDecoder {
  /// Reads exactly `target.count` values of `width` bits. Fewer values in the source are an error; additional ones are ignored.
  package static func decode(
    _ source: UnsafeRawBufferPointer, width: Int, into target: UnsafeMutableBufferPointer<UInt32>
  ) throws {
    guard (0...32).contains(width) else { throw ParquetFault.corrupt("values of \(width) bits") }
    let valueBytes = (width + 7) / 8
    var position = 0
    var filled = 0
    while filled < target.count {
      let header = try varint(source, &position)
      let wanted = target.count - filled
      if header & 1 == 1 {
        // Bit-packed values come in groups of eight. The last group of a page may be padded, or truncated by careless writers.
        let groups = Int(header >> 1)
        let count = min(wanted, groups * 8)
        let length = min(groups * width, source.count - position)
        guard length >= BitPacking.bytes(count, width: width) else {
          throw ParquetFault.corrupt("a bit-packed run ends after \(length) bytes")
        }
        BitPacking.unpack(
          .init(rebasing: source[position..<position + length]), width: width,
          into: .init(rebasing: target[filled..<filled + count]))
        position += length
        filled += count
      } else {
        guard valueBytes <= source.count - position else {
          throw ParquetFault.corrupt("a run lacks its value")
        }
        var value: UInt32 = 0
        for index in 0..<valueBytes { value |= UInt32(source[position + index]) << UInt32(index * 8) }
        position += valueBytes
        guard UInt64(value) >> UInt64(width) == 0 else {
          throw ParquetFault.corrupt("a run of \(value), which is over the width of \(width) bits")
        }
        let count = min(wanted, Int(header >> 1))
        target[filled..<filled + count].update(repeating: value)
        filled += count
      }
    }
  }

  private static func varint(_ source: UnsafeRawBufferPointer, _ position: inout Int) throws -> UInt32 {
    var result: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 35, by: 7) {
      guard position < source.count else { throw ParquetFault.corrupt("runs end before the last value") }
      let byte = source[position]
      position += 1
      result |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 {
        guard let value = UInt32(exactly: result) else { break }
        return value
      }
    }
    throw ParquetFault.corrupt("a run's header has over 32 bits")
  }

  /// Decodes the legacy BIT_PACKED encoding of one-bit levels: starts at the highest bit of each byte and has no runs.
  /// - Returns: Number of bytes read.
  static func decodeLegacyBits(
    _ source: UnsafeRawBufferPointer, into target: UnsafeMutableBufferPointer<UInt32>
  ) throws -> Int {
    let length = (target.count + 7) / 8
    guard length <= source.count else { throw ParquetFault.corrupt("levels end before the last value") }
    for index in target.indices { target[index] = UInt32(source[index >> 3] >> UInt8(7 - index & 7)) & 1 }
    return length
  }
}
