import CBrotli

/// Brotli streams (RFC 7932) as whole blocks. The only file that calls libbrotli.
package struct Brotli: BlockCodec {
  private static let name = "brotli"

  /// 0 (fastest) to 11.
  private let quality: Int32

  package init(quality: Int = 1) { self.quality = Int32(min(max(quality, 0), 11)) }

  /// The library's bound holds from quality 2; below, incompressible input grows by up to a header per 16 KiB.
  package func maxCompressedSize(of count: Int) -> Int {
    max(BrotliEncoderMaxCompressedSize(count), count + count / 1024 + 1024)
  }

  package func compress(
    _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) throws(CodecError) -> Int {
    var written = target.count
    let done = BrotliEncoderCompress(
      quality, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_GENERIC, source.count,
      source.baseAddress?.assumingMemoryBound(to: UInt8.self), &written,
      target.baseAddress?.assumingMemoryBound(to: UInt8.self))
    guard done == BROTLI_TRUE else { throw .outputTooLarge(codec: Self.name, limit: target.count) }
    return written
  }

  package func decompress(
    _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) throws(CodecError) -> Int {
    guard let state = BrotliDecoderCreateInstance(nil, nil, nil) else { throw .outOfMemory(codec: Self.name) }
    defer { BrotliDecoderDestroyInstance(state) }
    var available = source.count
    var next = source.baseAddress?.assumingMemoryBound(to: UInt8.self)
    var room = target.count
    var output = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
    switch BrotliDecoderDecompressStream(state, &available, &next, &room, &output, nil) {
    case BROTLI_DECODER_RESULT_SUCCESS:
      guard available == 0 else {
        throw .corrupt(codec: Self.name, message: "\(available) bytes follow its end")
      }
      return target.count - room
    case BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT:
      throw .outputTooLarge(codec: Self.name, limit: target.count)
    case BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT:
      throw .corrupt(codec: Self.name, message: "it ends in the middle")
    default:
      let code = BrotliDecoderGetErrorCode(state)
      // The library's allocator fails only if memory is exhausted.
      if code.rawValue <= BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES.rawValue,
        code.rawValue >= BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES.rawValue
      {
        throw .outOfMemory(codec: Self.name)
      }
      throw .corrupt(codec: Self.name, message: "invalid data")
    }
  }
}
