import CZlib

/// A window of 32 KiB and a gzip header: 15 + 16 in zlib's encoding.
private let gzipWindow: CInt = 31

/// Concatenated gzip members (RFC 1952). The CRC and length of each are verified.
final class GzipDecoder: StreamDecoder {
  private let zlib = ZlibStream()
  private(set) var isBetweenFrames = true

  init() throws(CodecFailure) {
    let result = inflateInit2_(zlib.stream, gzipWindow, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
    guard result == Z_OK else { throw .memory("no memory for a gzip decoder (zlib \(result))") }
  }

  deinit { inflateEnd(zlib.stream) }

  func decode(
    _ input: inout UnsafeRawBufferPointer, _ output: inout UnsafeMutableRawBufferPointer
  ) throws(CodecFailure) {
    while !output.isEmpty, !input.isEmpty || !isBetweenFrames {
      isBetweenFrames = false
      switch zlib.call(&input, &output, { inflate($0, Z_NO_FLUSH) }) {
      case Z_OK: break
      case Z_STREAM_END:
        isBetweenFrames = true
        inflateReset(zlib.stream)
      // No progress: more input or more output space is needed.
      case Z_BUF_ERROR: return
      case Z_MEM_ERROR: throw .memory("no memory for a gzip decoder")
      default: throw .corrupt("broken gzip member: \(zlib.message ?? "unexpected data")")
      }
    }
  }
}

/// Writes a single member without name and time, so that the same bytes produce the same file.
final class GzipEncoder: StreamEncoder {
  private let zlib = ZlibStream()

  init(level: Int) throws(CodecFailure) {
    let result = deflateInit2_(
      zlib.stream, CInt(min(max(level, 1), 9)), Z_DEFLATED, gzipWindow, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      CInt(MemoryLayout<z_stream>.size))
    guard result == Z_OK else { throw .memory("no memory for a gzip encoder (zlib \(result))") }
  }

  deinit { deflateEnd(zlib.stream) }

  func encode(
    _ input: inout UnsafeRawBufferPointer, _ output: inout UnsafeMutableRawBufferPointer, finish: Bool
  ) throws(CodecFailure) -> Bool {
    // With Z_FINISH, zlib must be given all of the remaining input.
    let flush = finish && input.count <= Int(uInt.max) ? Z_FINISH : Z_NO_FLUSH
    switch zlib.call(&input, &output, { deflate($0, flush) }) {
    case Z_STREAM_END: return true
    case Z_OK, Z_BUF_ERROR: return !finish && input.isEmpty
    case let result: throw .memory("gzip encoder failed (zlib \(result))")
    }
  }
}
