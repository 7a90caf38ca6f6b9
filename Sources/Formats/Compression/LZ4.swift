import CLZ4

/// LZ4 blocks: the raw format, without the framing of `.lz4` files. The only file that calls liblz4.
package struct LZ4: BlockCodec {
  private static let name = "lz4"

  package init() {}

  package func maxCompressedSize(of count: Int) -> Int { count + count / 255 + 16 }

  package func compress(
    _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) throws(CodecError) -> Int {
    guard let size = Int32(exactly: source.count), size <= LZ4_MAX_INPUT_SIZE else {
      throw .outputTooLarge(codec: Self.name, limit: Int(LZ4_MAX_INPUT_SIZE))
    }
    let written = LZ4_compress_default(
      source.baseAddress?.assumingMemoryBound(to: CChar.self),
      target.baseAddress?.assumingMemoryBound(to: CChar.self), size, Int32(clamping: target.count))
    guard written > 0 else { throw .outputTooLarge(codec: Self.name, limit: target.count) }
    return Int(written)
  }

  package func decompress(
    _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) throws(CodecError) -> Int {
    guard let size = Int32(exactly: source.count), size > 0 else {
      throw .corrupt(codec: Self.name, message: "a block of \(source.count) bytes")
    }
    let written = LZ4_decompress_safe(
      source.baseAddress?.assumingMemoryBound(to: CChar.self),
      target.baseAddress?.assumingMemoryBound(to: CChar.self), size, Int32(clamping: target.count))
    // The library does not say whether the block is invalid or longer than the target.
    guard written >= 0 else {
      throw .corrupt(codec: Self.name, message: "invalid data, or over \(target.count) bytes")
    }
    return Int(written)
  }
}

/// The framing that Hadoop, and Parquet files of the codec LZ4, put around LZ4 blocks: the size of a chunk before compression
/// (4 bytes, big-endian), then blocks that each follow their compressed size, until the chunk is complete. Files of some
/// writers have a raw block instead. For reading only; Parquet replaced this codec with LZ4_RAW.
struct HadoopLZ4: BlockCodec {
  private static let name = "lz4 (Hadoop)"
  private let raw = LZ4()

  func maxCompressedSize(of count: Int) -> Int { 8 + raw.maxCompressedSize(of: count) }

  func compress(
    _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) throws(CodecError) -> Int {
    guard let size = UInt32(exactly: source.count), target.count >= 8 else {
      throw .outputTooLarge(codec: Self.name, limit: target.count)
    }
    let written = try raw.compress(source, into: .init(rebasing: target[8...]))
    target.storeBytes(of: size.bigEndian, as: UInt32.self)
    target.storeBytes(of: UInt32(truncatingIfNeeded: written).bigEndian, toByteOffset: 4, as: UInt32.self)
    return 8 + written
  }

  func decompress(
    _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) throws(CodecError) -> Int {
    do throws(CodecError) { return try framed(source, target) } catch {
      return try raw.decompress(source, into: target)
    }
  }

  private func framed(
    _ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer
  ) throws(CodecError) -> Int {
    var position = 0
    var filled = 0
    func size() throws(CodecError) -> Int {
      guard source.count - position >= 4 else {
        throw .corrupt(codec: Self.name, message: "a size is cut short")
      }
      defer { position += 4 }
      return Int(UInt32(bigEndian: source.loadUnaligned(fromByteOffset: position, as: UInt32.self)))
    }
    while position < source.count {
      let end = filled + (try size())
      guard end <= target.count else { throw .outputTooLarge(codec: Self.name, limit: target.count) }
      while filled < end {
        let length = try size()
        guard length > 0, length <= source.count - position else {
          throw .corrupt(codec: Self.name, message: "a block of \(length) bytes")
        }
        filled += try raw.decompress(
          .init(rebasing: source[position..<position + length]), into: .init(rebasing: target[filled..<end]))
        position += length
      }
    }
    return filled
  }
}
