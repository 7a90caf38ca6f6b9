import CZlib

/// One or more concatenated gzip members (RFC 1952). Also reads zlib streams (RFC 1950), because old Parquet writers label them
/// gzip. The only file that calls zlib for whole blocks.
package final class Gzip: BlockCodec {
  private static let name = "gzip"
  private let deflater = ZlibStream()
  private let inflater = ZlibStream()
  private var deflating = false
  private var inflating = false
  private let level: Int32

  /// - Parameter level: 1 (fastest) to 9.
  package init(level: Int = 6) { self.level = Int32(min(max(level, 1), 9)) }

  deinit {
    if deflating { deflateEnd(deflater.stream) }
    if inflating { inflateEnd(inflater.stream) }
  }

  package func maxCompressedSize(of count: Int) -> Int {
    // Stored blocks of at least 8 KiB, each with a 5-byte header, plus room for the header and trailer of the member.
    count + count / 1024 + 64
  }

  package func compress(
    _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) throws(CodecError) -> Int {
    if !deflating {
      let status = deflateInit2_(
        deflater.stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
        Int32(MemoryLayout<z_stream>.size))
      guard status == Z_OK else { throw .outOfMemory(codec: Self.name) }
      deflating = true
    }
    deflateReset(deflater.stream)
    var input = source
    var output = target
    while true {
      let flush = input.count <= Int(uInt.max) ? Z_FINISH : Z_NO_FLUSH
      let status = deflater.call(&input, &output) { deflate($0, flush) }
      if status == Z_STREAM_END { return target.count - output.count }
      guard status == Z_OK, !output.isEmpty else {
        throw .outputTooLarge(codec: Self.name, limit: target.count)
      }
    }
  }

  package func decompress(
    _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) throws(CodecError) -> Int {
    if !inflating {
      // 15 + 32: the largest window; the library detects whether the header is gzip or zlib.
      let status = inflateInit2_(
        inflater.stream, 15 + 32, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
      guard status == Z_OK else { throw .outOfMemory(codec: Self.name) }
      inflating = true
    }
    inflateReset(inflater.stream)
    var input = source
    var output = target
    while true {
      let status = inflater.call(&input, &output) { inflate($0, Z_NO_FLUSH) }
      switch status {
      case Z_STREAM_END:
        if input.isEmpty { return target.count - output.count }
        inflateReset(inflater.stream)
      case Z_OK: break
      case Z_BUF_ERROR where output.isEmpty:
        throw .outputTooLarge(codec: Self.name, limit: target.count)
      case Z_BUF_ERROR: throw .corrupt(codec: Self.name, message: "ends in the middle")
      case Z_MEM_ERROR: throw .outOfMemory(codec: Self.name)
      default: throw .corrupt(codec: Self.name, message: inflater.message ?? "zlib error \(status)")
      }
    }
  }
}

/// The CRC-32 used by gzip, zlib and Parquet pages.
package func crc32(of bytes: UnsafeRawBufferPointer) -> UInt32 {
  UInt32(truncatingIfNeeded: crc32_z(0, bytes.baseAddress?.assumingMemoryBound(to: Bytef.self), bytes.count))
}
