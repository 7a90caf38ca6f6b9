// Names and numbers of the Parquet format (apache/parquet-format, parquet.thrift).

package enum ParquetPhysicalType: Int32, Sendable {
  case boolean = 0
  case int32, int64, int96, float, double, byteArray, fixedLenByteArray
}

package enum ParquetEncoding: Int32, Sendable {
  case plain = 0
  case plainDictionary = 2
  case rle = 3
  case bitPacked = 4
  case deltaBinaryPacked = 5
  case deltaLengthByteArray = 6
  case deltaByteArray = 7
  case rleDictionary = 8
  case byteStreamSplit = 9
}

package enum ParquetCodec: Int32, Sendable, CaseIterable {
  case none = 0
  case snappy = 1
  case gzip = 2
  case brotli = 4
  /// Hadoop's framing of LZ4. Read for old files; write ``lz4`` instead.
  case lz4Hadoop = 5
  case zstd = 6
  /// LZ4_RAW.
  case lz4 = 7

  /// The format's name for a codec, used in errors about unsupported codecs.
  static func name(of number: Int32) -> String {
    let names = ["UNCOMPRESSED", "SNAPPY", "GZIP", "LZO", "BROTLI", "LZ4", "ZSTD", "LZ4_RAW"]
    return names.indices.contains(Int(number)) ? names[Int(number)] : "number \(number)"
  }

  /// The maximum size to which `count` compressed bytes can expand: gzip expands 2 bits to 258 bytes, snappy 3 bytes to 64,
  /// lz4 a byte to 255; brotli has no useful limit. Page headers that claim more are rejected before memory is allocated.
  func maxDecompressedSize(of count: Int) -> Int {
    let factor: Int
    switch self {
    case .none: factor = 1
    case .snappy: factor = 22
    case .gzip: factor = 1032
    case .lz4, .lz4Hadoop: factor = 256
    case .zstd: return Zstd.maxDecompressedSize(of: count)
    case .brotli: return .max
    }
    let (size, overflow) = count.multipliedReportingOverflow(by: factor)
    return overflow ? .max : size
  }
}

enum ParquetRepetition: Int32 {
  case required = 0
  case optional, repeated
}

enum ParquetPageType: Int32 {
  case data = 0
  case index, dictionary, dataV2
}

enum ParquetConvertedType: Int32 {
  case utf8 = 0
  case map, mapKeyValue, list, enumeration, decimal, date, timeMillis, timeMicros, timestampMillis,
    timestampMicros
  case uint8, uint16, uint32, uint64, int8, int16, int32, int64, json, bson, interval
}

enum ParquetTimeUnit: Hashable {
  case millis, micros, nanos
}

enum ParquetLogicalType: Hashable {
  case string, enumeration, json, bson, date, uuid, float16, unknown, map, list
  case decimal(precision: Int32, scale: Int32)
  case time
  case timestamp(ParquetTimeUnit, isUTC: Bool)
  case integer(bits: Int8, signed: Bool)
  case other(Int)
}

enum ParquetMagic {
  static let plain: [UInt8] = Array("PAR1".utf8)
  static let encrypted: [UInt8] = Array("PARE".utf8)
}
