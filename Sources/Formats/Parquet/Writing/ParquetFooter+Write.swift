import Columns

/// A row group that has been written.
struct ParquetWrittenRowGroup {
  let rows: Int
  let chunks: [ParquetWrittenChunk]
}

extension ParquetFooter {
  static let createdBy = "swiftlet version 0.1.0"

  /// Encodes the footer, followed by its length and the magic number.
  static func bytes(_ fields: [ColumnField], _ rowGroups: [ParquetWrittenRowGroup]) throws -> [UInt8] {
    var writer = ThriftWriter()
    writer.structure { file in
      file.int32(1, 2)
      writeSchema(fields, &file)
      file.int64(3, Int64(rowGroups.reduce(0) { $0 + $1.rows }))
      file.structures(4, Array(rowGroups.enumerated())) { write($1.element, $1.offset, &$0) }
      file.string(6, createdBy)
      // TypeDefinedOrder for each column: without it readers do not trust the minimum and maximum.
      file.structures(7, fields) { order, _ in order.structure(1) { _ in } }
    }
    guard let length = UInt32(exactly: writer.bytes.count) else {
      throw ParquetFault.unsupported("a footer of \(writer.bytes.count) bytes; use fewer row groups")
    }
    return writer.bytes + withUnsafeBytes(of: length.littleEndian) { Array($0) } + ParquetMagic.plain
  }

  private static func writeSchema(_ fields: [ColumnField], _ file: inout ThriftWriter) {
    // The root comes first, then the columns as its children.
    let elements: [ColumnField?] = [nil] + fields.map(Optional.some)
    file.structures(2, elements) { element, field in
      guard let field else {
        element.string(4, "schema")
        element.int32(5, Int32(fields.count))
        return
      }
      element.int32(1, field.type.physical.rawValue)
      element.int32(3, (field.nullable ? ParquetRepetition.optional : .required).rawValue)
      element.string(4, field.name)
      switch field.type {
      case .string:
        element.int32(6, ParquetConvertedType.utf8.rawValue)
        element.structure(10) { logical in logical.structure(1) { _ in } }
      case .timestampMillis:
        element.int32(6, ParquetConvertedType.timestampMillis.rawValue)
        element.structure(10) { logical in
          logical.structure(8) { timestamp in
            timestamp.bool(1, true)
            timestamp.structure(2) { unit in unit.structure(1) { _ in } }
          }
        }
      case .json:
        element.int32(6, ParquetConvertedType.json.rawValue)
        element.structure(10) { logical in logical.structure(12) { _ in } }
      case .int16:
        element.int32(6, ParquetConvertedType.int16.rawValue)
        element.structure(10) { logical in
          logical.structure(10) { integer in
            integer.byte(1, 16)
            integer.bool(2, true)
          }
        }
      case .date:
        element.int32(6, ParquetConvertedType.date.rawValue)
        element.structure(10) { logical in logical.structure(6) { _ in } }
      case .decimal(let precision, let scale):
        element.int32(6, ParquetConvertedType.decimal.rawValue)
        element.int32(7, Int32(clamping: scale))
        element.int32(8, Int32(clamping: precision))
        element.structure(10) { logical in
          logical.structure(5) { decimal in
            decimal.int32(1, Int32(clamping: scale))
            decimal.int32(2, Int32(clamping: precision))
          }
        }
      case .timestamp, .timestampTZ:
        if field.type == .timestampTZ { element.int32(6, ParquetConvertedType.timestampMicros.rawValue) }
        element.structure(10) { logical in
          logical.structure(8) { timestamp in
            timestamp.bool(1, field.type == .timestampTZ)
            timestamp.structure(2) { unit in unit.structure(2) { _ in } }
          }
        }
      case .bool, .int32, .int64, .float, .double, .binary, .interval, .list, .structure: break
      }
    }
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
    writer.int32(1, chunk.field.type.physical.rawValue)
    writer.int32s(2, encodings.map(\.rawValue))
    writer.strings(3, [chunk.field.name])
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
