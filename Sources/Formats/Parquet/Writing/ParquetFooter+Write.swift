import Columns

/// A row group that has been written.
struct ParquetWrittenRowGroup {
  let rows: Int
  let chunks: [ParquetWrittenChunk]
}

extension ParquetFooter {
  static let createdBy = "swiftlet version 0.1.0"

  /// Encodes the footer, followed by its length and the magic number.
  static func bytes(_ schema: ParquetSchemaWriter, _ rowGroups: [ParquetWrittenRowGroup]) throws -> [UInt8] {
    var writer = ThriftWriter()
    writer.structure { file in
      file.int32(1, 2)
      schema.write(&file)
      file.int64(3, Int64(rowGroups.reduce(0) { $0 + $1.rows }))
      file.structures(4, Array(rowGroups.enumerated())) { write($1.element, $1.offset, &$0) }
      file.string(6, createdBy)
      // TypeDefinedOrder for each column: without it readers do not trust the minimum and maximum.
      file.structures(7, schema.leaves) { order, _ in order.structure(1) { _ in } }
    }
    guard let length = UInt32(exactly: writer.bytes.count) else {
      throw ParquetFault.unsupported("a footer of \(writer.bytes.count) bytes; use fewer row groups")
    }
    return writer.bytes + withUnsafeBytes(of: length.littleEndian) { Array($0) } + ParquetMagic.plain
  }

  private static func write(_ group: ParquetWrittenRowGroup, _ ordinal: Int, _ writer: inout ThriftWriter) {
    writer.structures(1, group.chunks) { chunk, written in
      chunk.int64(2, 0)
      chunk.structure(3) { write(written, &$0) }
    }
    writer.int64(2, Int64(group.chunks.reduce(0) { $0 + $1.uncompressedSize }))
    writer.int64(3, Int64(group.rows))
    writer.int64(5, Int64(group.chunks.first?.offset ?? 0))
    writer.int64(6, Int64(group.chunks.reduce(0) { $0 + $1.compressedSize }))
    if let ordinal = Int16(exactly: ordinal) { writer.int16(7, ordinal) }
  }

  private static func write(_ chunk: ParquetWrittenChunk, _ writer: inout ThriftWriter) {
    let dataEncoding: ParquetEncoding = chunk.hasDictionary ? .rleDictionary : .plain
    let encodings: [ParquetEncoding] = chunk.hasDictionary ? [.plain, .rle, .rleDictionary] : [.plain, .rle]
    writer.int32(1, chunk.leaf.field.type.physical.rawValue)
    writer.int32s(2, encodings.map(\.rawValue))
    writer.strings(3, chunk.leaf.path)
    writer.int32(4, chunk.codec.rawValue)
    writer.int64(5, Int64(chunk.values))
    writer.int64(6, Int64(chunk.uncompressedSize))
    writer.int64(7, Int64(chunk.compressedSize))
    writer.int64(9, Int64(chunk.dataOffset))
    if chunk.hasDictionary { writer.int64(11, Int64(chunk.offset)) }
    writer.structure(12) { write(chunk.statistics, &$0) }
    var pages: [(ParquetPageType, ParquetEncoding, Int)] = [(.data, dataEncoding, chunk.dataPages)]
    if chunk.hasDictionary { pages.insert((.dictionary, .plain, 1), at: 0) }
    writer.structures(13, pages) { page, kind in
      page.int32(1, kind.0.rawValue)
      page.int32(2, kind.1.rawValue)
      page.int32(3, Int32(clamping: kind.2))
    }
  }

  private static func write(_ statistics: ColumnStatistics, _ writer: inout ThriftWriter) {
    writer.int64(3, Int64(statistics.nulls))
    guard statistics.min != nil || statistics.max != nil else { return }
    if let max = statistics.max { writer.binary(5, max) }
    if let min = statistics.min { writer.binary(6, min) }
    if statistics.max != nil { writer.bool(7, statistics.isMaxExact) }
    if statistics.min != nil { writer.bool(8, statistics.isMinExact) }
  }
}

extension ColumnType {
  var physical: ParquetPhysicalType {
    switch storage {
    case .bool: .boolean
    case .int32: .int32
    case .int64: .int64
    case .float: .float
    case .double: .double
    case .int128: .fixedLenByteArray
    case .bytes, .interval, .list, .structure: .byteArray
    }
  }
}
