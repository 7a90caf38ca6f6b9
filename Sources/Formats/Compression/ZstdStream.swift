import CZstd

/// Concatenated Zstandard frames (RFC 8878), including skippable ones. Checksums are verified if a frame has one.
final class ZstdDecoder: StreamDecoder {
  /// Frames that need a longer window (only `zstd --long` and `--ultra` create them) are rejected: 128 MiB per reader is
  /// enough.
  static let maxWindowLog: CInt = 27

  private let context: OpaquePointer
  private(set) var isBetweenFrames = true

  init() throws(CodecFailure) {
    guard let context = ZSTD_createDCtx() else { throw .memory("no memory for a zstd decoder") }
    self.context = context
    ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, ZstdDecoder.maxWindowLog)
  }

  deinit { ZSTD_freeDCtx(context) }

  func decode(
    _ input: inout UnsafeRawBufferPointer, _ output: inout UnsafeMutableRawBufferPointer
  ) throws(CodecFailure) {
    var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
    var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
    // A call without input at the end of a frame would count as the start of another frame.
    while source.pos < source.size || !isBetweenFrames {
      let before = (source.pos, target.pos)
      let result = ZSTD_decompressStream(context, &target, &source)
      if ZSTD_isError(result) != 0 {
        input = UnsafeRawBufferPointer(rebasing: input[source.pos...])
        let message = String(cString: ZSTD_getErrorName(result))
        if ZSTD_getErrorCode(result) == ZSTD_error_frameParameter_windowTooLarge {
          throw .memory(
            "a zstd frame needs a window over \(1 << (ZstdDecoder.maxWindowLog - 20)) MiB; compress it without --long"
          )
        }
        throw .corrupt("broken zstd frame: \(message)")
      }
      isBetweenFrames = result == 0
      if target.pos == target.size || (source.pos, target.pos) == before { break }
    }
    input = UnsafeRawBufferPointer(rebasing: input[source.pos...])
    output = UnsafeMutableRawBufferPointer(rebasing: output[target.pos...])
  }
}

/// Writes a single frame with a checksum.
final class ZstdEncoder: StreamEncoder {
  private let context: OpaquePointer

  init(level: Int) throws(CodecFailure) {
    guard let context = ZSTD_createCCtx() else { throw .memory("no memory for a zstd encoder") }
    self.context = context
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, CInt(clamping: level))
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
  }

  deinit { ZSTD_freeCCtx(context) }

  func encode(
    _ input: inout UnsafeRawBufferPointer, _ output: inout UnsafeMutableRawBufferPointer, finish: Bool
  ) throws(CodecFailure) -> Bool {
    var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
    var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
    let result = ZSTD_compressStream2(context, &target, &source, finish ? ZSTD_e_end : ZSTD_e_continue)
    if ZSTD_isError(result) != 0 { throw .memory(String(cString: ZSTD_getErrorName(result))) }
    input = UnsafeRawBufferPointer(rebasing: input[source.pos...])
    output = UnsafeMutableRawBufferPointer(rebasing: output[target.pos...])
    return input.isEmpty && (!finish || result == 0)
  }
}
