import CZstd

/// Zstandard blocks (RFC 8878): one or more frames. The only file that calls libzstd for whole blocks.
package final class Zstd: BlockCodec {
  private static let name = "zstd"
  private let level: Int32
  private let checksum: Bool
  private var compressor: OpaquePointer?
  private var decompressor: OpaquePointer?

  /// - Parameters:
  ///   - level: 1 (fastest) to 19; clamped to the range that the library supports.
  ///   - checksum: Whether each frame ends with a checksum of its contents.
  package init(level: Int = 1, checksum: Bool = false) {
    self.checksum = checksum
    let supported = Int(ZSTD_minCLevel())...Int(ZSTD_maxCLevel())
    self.level = Int32(min(max(level, supported.lowerBound), supported.upperBound))
  }

  deinit {
    ZSTD_freeCCtx(compressor)
    ZSTD_freeDCtx(decompressor)
  }

  package func maxCompressedSize(of count: Int) -> Int { ZSTD_compressBound(count) }

  /// The maximum size to which `count` compressed bytes can expand: a block of 128 KiB per 4 bytes. A frame that claims a
  /// larger size is invalid, so no memory needs to be allocated for it.
  package static func maxDecompressedSize(of count: Int) -> Int {
    let (size, overflow) = count.multipliedReportingOverflow(by: 1 << 15)
    return overflow ? .max : size
  }

  package func compress(
    _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) throws(CodecError) -> Int {
    if compressor == nil { compressor = ZSTD_createCCtx() }
    guard let compressor else { throw .outOfMemory(codec: Self.name) }
    ZSTD_CCtx_setParameter(compressor, ZSTD_c_compressionLevel, level)
    ZSTD_CCtx_setParameter(compressor, ZSTD_c_checksumFlag, checksum ? 1 : 0)
    let written = ZSTD_compress2(
      compressor, target.baseAddress, target.count, source.baseAddress, source.count)
    return try Self.checked(written, limit: target.count)
  }

  package func decompress(
    _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) throws(CodecError) -> Int {
    if decompressor == nil { decompressor = ZSTD_createDCtx() }
    guard let decompressor else { throw .outOfMemory(codec: Self.name) }
    guard source.count > 0 else { throw .corrupt(codec: Self.name, message: "no frame in 0 bytes") }
    let written = ZSTD_decompressDCtx(
      decompressor, target.baseAddress, target.count, source.baseAddress, source.count)
    return try Self.checked(written, limit: target.count)
  }

  private static func checked(_ result: Int, limit: Int) throws(CodecError) -> Int {
    guard ZSTD_isError(result) != 0 else { return result }
    switch ZSTD_getErrorCode(result) {
    case ZSTD_error_dstSize_tooSmall: throw .outputTooLarge(codec: name, limit: limit)
    case ZSTD_error_memory_allocation: throw .outOfMemory(codec: name)
    default: throw .corrupt(codec: name, message: String(cString: ZSTD_getErrorName(result)))
    }
  }
}
