/// Parquet's hybrid of run-length and bit-packed encoding (Encodings.md, "RLE/Bit-Packing Hybrid"), used for dictionary
/// indices, levels and booleans. Decodes in pieces of any size.
package struct RunLengthDecoder {
  private let source: UnsafeRawBufferPointer
  private let width: Int
  private var position = 0
  /// The rest of a run of equal values.
  private var repeats = 0
  private var value: UInt32 = 0
  /// The rest of a bit-packed run: `packed` values from value number `packedFirst` of `packedBytes`.
  private var packed = 0
  private var packedFirst = 0
  private var packedBytes = UnsafeRawBufferPointer(start: nil, count: 0)

  /// - Parameters:
  ///   - source: Must outlive the decoder.
  ///   - width: Bits per value, 0 to 32.
  package init(_ source: UnsafeRawBufferPointer, width: Int) throws {
    guard (0...32).contains(width) else { throw ParquetFault.corrupt("values of \(width) bits") }
    self.source = source
    self.width = width
  }

  /// Reads `count` values. Fewer values in the source are an error; additional ones are ignored.
  package mutating func read<T: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
    _ count: Int, into target: UnsafeMutablePointer<T>
  ) throws {
    var filled = 0
    while filled < count {
      if repeats == 0, packed == 0 { try readHeader() }
      let wanted = count - filled
      if repeats > 0 {
        let part = min(wanted, repeats)
        (target + filled).update(repeating: T(truncatingIfNeeded: value), count: part)
        repeats -= part
        filled += part
      } else {
        let part = min(wanted, packed)
        guard packedBytes.count >= BitPacking.bytes(packedFirst + part, width: width) else {
          throw ParquetFault.corrupt("a bit-packed run ends after \(packedBytes.count) bytes")
        }
        BitPacking.unpack(packedBytes, first: packedFirst, width: width, count: part, into: target + filled)
        packed -= part
        packedFirst += part
        filled += part
      }
    }
  }

  /// Skips up to `count` values that are part of one run of `wanted`.
  /// - Returns: The number of values skipped; 0 if the next value is another one, or bit-packed.
  package mutating func skip(_ count: Int, of wanted: UInt32) throws -> Int {
    if count == 0 { return 0 }
    if repeats == 0, packed == 0 { try readHeader() }
    guard repeats > 0, value == wanted else { return 0 }
    let part = min(count, repeats)
    repeats -= part
    return part
  }

  private mutating func readHeader() throws {
    while repeats == 0, packed == 0 {
      let header = try varint()
      if header & 1 == 1 {
        // Bit-packed values come in groups of eight. The last group of a page may be padded, or truncated by careless writers.
        let groups = Int(header >> 1)
        packed = groups * 8
        packedFirst = 0
        let length = min(groups * width, source.count - position)
        packedBytes = .init(rebasing: source[position..<position + length])
        position += length
      } else {
        let valueBytes = (width + 7) / 8
        guard valueBytes <= source.count - position else {
          throw ParquetFault.corrupt("a run lacks its value")
        }
        value = 0
        for index in 0..<valueBytes { value |= UInt32(source[position + index]) << UInt32(index * 8) }
        position += valueBytes
        guard UInt64(value) >> UInt64(width) == 0 else {
          throw ParquetFault.corrupt("a run of \(value), which is over the width of \(width) bits")
        }
        repeats = Int(header >> 1)
      }
    }
  }

  private mutating func varint() throws -> UInt32 {
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
}

extension RunLengthDecoder {
  /// Reads all of `target` in one piece.
  package static func decode(
    _ source: UnsafeRawBufferPointer, width: Int, into target: UnsafeMutableBufferPointer<UInt32>
  ) throws {
    var decoder = try RunLengthDecoder(source, width: width)
    if let base = target.baseAddress { try decoder.read(target.count, into: base) }
  }

  /// Converts levels of one bit in the legacy encoding BIT_PACKED, which starts at the highest bit of each byte and has no
  /// runs, to the hybrid encoding.
  static func runs(legacyBits source: UnsafeRawBufferPointer) -> [UInt8] {
    var header = UInt64(source.count) << 1 | 1
    var result: [UInt8] = []
    while header >= 0x80 {
      result.append(UInt8(truncatingIfNeeded: header) | 0x80)
      header >>= 7
    }
    result.append(UInt8(header))
    for byte in source {
      var reversed: UInt8 = 0
      for bit in UInt8(0)..<8 where byte & (1 << bit) != 0 { reversed |= 0x80 >> bit }
      result.append(reversed)
    }
    return result
  }
}
