/// The block codecs of Parquet pages. Keeps their contexts from page to page.
final class ParquetCodecs {
  private let zstd: Zstd
  private let gzip: Gzip

  init(zstdLevel: Int = 1) {
    zstd = Zstd(level: zstdLevel)
    gzip = Gzip()
  }

  /// Returns nil for `none`.
  func codec(_ codec: ParquetCodec) -> (any BlockCodec)? {
    switch codec {
    case .none: nil
    case .snappy: Snappy()
    case .gzip: gzip
    case .zstd: zstd
    case .brotli: Brotli()
    case .lz4: LZ4()
    case .lz4Hadoop: HadoopLZ4()
    }
  }
}

/// Reusable memory that never shrinks. The contents are undefined until written.
final class ScratchMemory {
  /// Readable bytes after those that were asked for, so that short strings can be copied in whole words.
  static let slack = 32

  private var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)

  deinit { memory.deallocate() }

  /// Returns the first `count` bytes, valid until the next call.
  func bytes(_ count: Int) -> UnsafeMutableRawBufferPointer {
    if memory.count < count + Self.slack {
      memory.deallocate()
      memory = .allocate(
        byteCount: max(count + Self.slack, min(2 * memory.count, count * 2), 4096), alignment: 16)
    }
    return UnsafeMutableRawBufferPointer(rebasing: memory[..<count])
  }
}
