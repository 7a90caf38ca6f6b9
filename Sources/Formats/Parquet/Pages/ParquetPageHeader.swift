/// `PageHeader` from parquet.thrift.
struct ParquetPageHeader {
  /// nil for page types added by later versions of the format; such pages are skipped.
  var type: ParquetPageType?
  var uncompressedSize = -1
  /// Size in bytes of the page after its header.
  var compressedSize = -1
  var crc: UInt32?
  var values = -1
  var encoding: Int32 = -1
  var definitionEncoding: Int32 = ParquetEncoding.rle.rawValue
  var repetitionEncoding: Int32 = ParquetEncoding.rle.rawValue
  var definitionBytes = 0
  var repetitionBytes = 0
  var isCompressed = true

  init(_ reader: inout ThriftReader) throws {
    try reader.structure { reader, field in
      switch field.id {
      case 1: type = ParquetPageType(rawValue: try reader.int32(field))
      case 2: uncompressedSize = Int(try reader.int32(field))
      case 3: compressedSize = Int(try reader.int32(field))
      case 4: crc = UInt32(bitPattern: try reader.int32(field))
      case 5: try readData(&reader, field)
      case 7: try readDictionary(&reader, field)
      case 8: try readDataV2(&reader, field)
      default: try reader.skip(field)
      }
    }
    guard uncompressedSize >= 0, compressedSize >= 0, definitionBytes >= 0, repetitionBytes >= 0
    else {
      throw ParquetFault.corrupt("a page header has a missing or negative size")
    }
    guard type == nil || type == .index || values >= 0 else {
      throw ParquetFault.corrupt("a page header has a missing or negative number of values")
    }
  }

  private mutating func readData(_ reader: inout ThriftReader, _ field: ThriftField) throws {
    try reader.structure(field) { reader, field in
      switch field.id {
      case 1: values = Int(try reader.int32(field))
      case 2: encoding = try reader.int32(field)
      case 3: definitionEncoding = try reader.int32(field)
      case 4: repetitionEncoding = try reader.int32(field)
      default: try reader.skip(field)
      }
    }
  }

  private mutating func readDictionary(_ reader: inout ThriftReader, _ field: ThriftField) throws {
    try reader.structure(field) { reader, field in
      switch field.id {
      case 1: values = Int(try reader.int32(field))
      case 2: encoding = try reader.int32(field)
      default: try reader.skip(field)
      }
    }
  }

  private mutating func readDataV2(_ reader: inout ThriftReader, _ field: ThriftField) throws {
    try reader.structure(field) { reader, field in
      switch field.id {
      case 1: values = Int(try reader.int32(field))
      case 4: encoding = try reader.int32(field)
      case 5: definitionBytes = Int(try reader.int32(field))
      case 6: repetitionBytes = Int(try reader.int32(field))
      case 7: isCompressed = try reader.bool(field)
      default: try reader.skip(field)
      }
    }
  }
}
