import Storage

/// The end of a Parquet file: the metadata, its length in four bytes, and the magic number.
enum ParquetFooter {
  /// A single read of this size contains the whole footer of most files.
  private static let firstRead: Int64 = 64 << 10

  static func read(_ reader: any ObjectReader) throws -> ParquetMetadata {
    let size = reader.info.size
    guard size >= 12 else { throw try notParquet(reader) }
    let tailSize = min(size, firstRead)
    let tail = try reader.bytes(at: size - tailSize, count: Int(tailSize))
    let magic = Array(tail.suffix(4))
    if magic == ParquetMagic.encrypted {
      throw ParquetFault.unsupported("the file is encrypted, which is not supported")
    }
    guard magic == ParquetMagic.plain else { throw try notParquet(reader) }
    let length = tail.withUnsafeBytes {
      Int64(UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: tail.count - 8, as: UInt32.self)))
    }
    // The file also begins with the magic number.
    guard length <= size - 12 else {
      throw ParquetFault.corrupt("a footer of \(length) bytes in a file of \(size)")
    }
    if length <= tailSize - 8 {
      return try tail.withUnsafeBytes {
        try ParquetMetadata(.init(rebasing: $0[(tail.count - 8 - Int(length))..<(tail.count - 8)]))
      }
    }
    let footer = try reader.bytes(at: size - 8 - length, count: Int(length))
    return try footer.withUnsafeBytes { try ParquetMetadata($0) }
  }

  /// Returns an error that says what the file is instead.
  private static func notParquet(_ reader: any ObjectReader) throws -> ParquetFault {
    switch try ContentKind(of: reader) {
    case .parquet: .corrupt("begins like Parquet but does not end with PAR1; is it cut short?")
    case .compressed(let codec):
      .unsupported("is compressed as a whole with \(codec); expected Parquet, which is compressed inside")
    case let kind: .corrupt("looks like \(kind); expected Parquet")
    }
  }
}
