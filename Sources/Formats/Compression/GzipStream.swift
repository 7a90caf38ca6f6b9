import CZlib

/// A `z_stream` at a fixed address, as zlib requires, that points to the caller's buffers for one call.
private final class ZlibStream {
  let stream: UnsafeMutablePointer<z_stream>

  init() {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
  }

  deinit { stream.deallocate() }

  /// Calls zlib once with the two buffers and advances both. zlib uses 32-bit counters; anything beyond that waits for the next
  /// call.
  func call(
    _ input: inout UnsafeRawBufferPointer, _ output: inout UnsafeMutableRawBufferPointer,
    _ body: (UnsafeMutablePointer<z_stream>) -> CInt
  ) -> CInt {
    let given = uInt(clamping: input.count)
    let room = uInt(clamping: output.count)
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
    stream.pointee.avail_in = given
    stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = room
    let result = body(stream)
    input = UnsafeRawBufferPointer(rebasing: input[Int(given - stream.pointee.avail_in)...])
    output = UnsafeMutableRawBufferPointer(rebasing: output[Int(room - stream.pointee.avail_out)...])
    return result
  }

  var message: String { stream.pointee.msg.map { String(cString: $0) } ?? "unexpected data" }
}

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
      default: throw .corrupt("broken gzip member: \(zlib.message)")
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
