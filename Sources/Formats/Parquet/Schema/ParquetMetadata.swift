/// The parts of `FileMetaData` (parquet.thrift) that the reader needs.
struct ParquetMetadata {
  var schema: [ParquetSchemaElement] = []
  var rows: Int64 = 0
  var rowGroups: [ParquetRowGroupMetadata] = []

  init(_ bytes: UnsafeRawBufferPointer) throws {
    var reader = ThriftReader(bytes)
    var seen: Set<Int> = []
    try reader.structure { reader, field in
      seen.insert(field.id)
      switch field.id {
      case 2: schema = try reader.list(field) { try ParquetSchemaElement(&$0, $1) }
      case 3: rows = try reader.int64(field)
      case 4: rowGroups = try reader.list(field) { try ParquetRowGroupMetadata(&$0, $1) }
      default: try reader.skip(field)
      }
    }
    guard seen.isSuperset(of: [2, 3, 4]) else {
      throw ParquetFault.corrupt("the footer lacks the schema, number of rows, or row groups")
    }
  }
}

struct ParquetSchemaElement {
  var type: Int32?
  var typeLength: Int32?
  var repetition: ParquetRepetition?
  var name = ""
  var children: Int32?
  var converted: ParquetConvertedType?
  var scale: Int32 = 0
  /// Of a decimal; 0 if the file does not give it.
  var precision: Int32 = 0
  var logical: ParquetLogicalType?

  init(_ reader: inout ThriftReader, _ field: ThriftField) throws {
    var named = false
    try reader.structure(field) { reader, field in
      switch field.id {
      case 1: type = try reader.int32(field)
      case 2: typeLength = try reader.int32(field)
      case 3:
        let number = try reader.int32(field)
        repetition = ParquetRepetition(rawValue: number)
        if repetition == nil { throw ParquetFault.corrupt("the schema has a repetition of \(number)") }
      case 4:
        name = try reader.string(field)
        named = true
      case 5: children = try reader.int32(field)
      case 6: converted = ParquetConvertedType(rawValue: try reader.int32(field))
      case 7: scale = try reader.int32(field)
      case 8: precision = try reader.int32(field)
      case 10: logical = try ParquetLogicalType(&reader, field)
      default: try reader.skip(field)
      }
    }
    guard named else { throw ParquetFault.corrupt("the schema has an element without a name") }
  }
}

extension ParquetLogicalType {
  /// A union: a struct with exactly one field set. Returns nil if no field is set.
  init?(_ reader: inout ThriftReader, _ field: ThriftField) throws {
    var result: ParquetLogicalType?
    try reader.structure(field) { reader, field in
      switch field.id {
      case 5:
        var scale: Int32 = 0
        var precision: Int32 = 0
        try reader.structure(field) { reader, field in
          switch field.id {
          case 1: scale = try reader.int32(field)
          case 2: precision = try reader.int32(field)
          default: try reader.skip(field)
          }
        }
        result = .decimal(precision: precision, scale: scale)
      case 8:
        var unit: ParquetTimeUnit?
        var isUTC = false
        try reader.structure(field) { reader, field in
          switch field.id {
          case 1: isUTC = try reader.bool(field)
          case 2:
            try reader.structure(field) { reader, field in
              unit = [1: .millis, 2: .micros, 3: .nanos][field.id]
              try reader.skip(field)
            }
          default: try reader.skip(field)
          }
        }
        guard let unit else { throw ParquetFault.corrupt("the schema has a timestamp of no known unit") }
        result = .timestamp(unit, isUTC: isUTC)
      case 10:
        var bits: Int8 = 0
        var signed = true
        try reader.structure(field) { reader, field in
          switch field.id {
          case 1: bits = try reader.int8(field)
          case 2: signed = try reader.bool(field)
          default: try reader.skip(field)
          }
        }
        result = .integer(bits: bits, signed: signed)
      default:
        let plain: [Int: ParquetLogicalType] = [
          1: .string, 2: .map, 3: .list, 4: .enumeration, 6: .date, 7: .time, 11: .unknown, 12: .json,
          13: .bson,
          14: .uuid, 15: .float16,
        ]
        result = plain[field.id] ?? .other(field.id)
        try reader.skip(field)
      }
    }
    guard let result else { return nil }
    self = result
  }
}

struct ParquetRowGroupMetadata {
  var columns: [ParquetChunkMetadata] = []
  var byteSize: Int64 = 0
  var rows: Int64 = -1

  init(_ reader: inout ThriftReader, _ field: ThriftField) throws {
    try reader.structure(field) { reader, field in
      switch field.id {
      case 1: columns = try reader.list(field) { try ParquetChunkMetadata(&$0, $1) }
      case 2: byteSize = try reader.int64(field)
      case 3: rows = try reader.int64(field)
      default: try reader.skip(field)
      }
    }
    guard rows >= 0 else { throw ParquetFault.corrupt("a row group lacks its number of rows") }
  }
}

/// `ColumnChunk` and its `ColumnMetaData`.
struct ParquetChunkMetadata {
  var path: String?
  var encrypted = false
  var type: Int32 = -1
  var codec: Int32 = 0
  var values: Int64 = -1
  /// Bytes in the file, including page headers.
  var compressedSize: Int64 = -1
  var dataPageOffset: Int64 = -1
  var dictionaryPageOffset: Int64?
  var statistics: ParquetStatistics?

  init(_ reader: inout ThriftReader, _ field: ThriftField) throws {
    try reader.structure(field) { reader, field in
      switch field.id {
      case 1: path = try reader.string(field)
      case 3: try readMetadata(&reader, field)
      case 8, 9:
        encrypted = true
        try reader.skip(field)
      default: try reader.skip(field)
      }
    }
  }

  private mutating func readMetadata(_ reader: inout ThriftReader, _ field: ThriftField) throws {
    try reader.structure(field) { reader, field in
      switch field.id {
      case 1: type = try reader.int32(field)
      case 4: codec = try reader.int32(field)
      case 5: values = try reader.int64(field)
      case 7: compressedSize = try reader.int64(field)
      case 9: dataPageOffset = try reader.int64(field)
      case 11: dictionaryPageOffset = try reader.int64(field)
      case 12: statistics = try ParquetStatistics(&reader, field)
      default: try reader.skip(field)
      }
    }
  }
}
