import Columns

/// How values of a physical type become values of a `ColumnType`.
enum ParquetConversion: Hashable {
  case bool, int16, int32, int64, float, double, string, json, binary, date
  /// INT32 bits as an unsigned integer.
  case uint32
  /// INT64 bits as an unsigned integer.
  case uint64
  case timestamp(ParquetTimeUnit, isUTC: Bool)
  /// Nanoseconds of a day and a Julian day, as Impala, Hive and old Spark write them. What they mean by it, a local time or an
  /// instant, differs; like DuckDB, it is read as a timestamp without a time zone.
  case int96
  case decimal(precision: Int, scale: Int)
  /// A decimal of over 38 digits, rounded to a double.
  case wideDecimal(scale: Int)
  case float16
  /// 16 bytes, converted to the text form of RFC 9562.
  case uuid
  /// Months, days and milliseconds as unsigned 32-bit integers.
  case interval

  var columnType: ColumnType {
    switch self {
    case .bool: .bool
    case .int16: .int16
    case .int32: .int32
    case .int64, .uint32: .int64
    case .uint64: .decimal(precision: 20, scale: 0)
    case .float, .float16: .float
    case .double, .wideDecimal: .double
    case .string, .uuid: .string
    case .json: .json
    case .binary: .binary
    case .date: .date
    case .timestamp(_, let isUTC): isUTC ? .timestampTZ : .timestamp
    case .int96: .timestamp
    case .decimal(let precision, let scale): .decimal(precision: precision, scale: scale)
    case .interval: .interval
    }
  }

  /// Whether the bytes must be UTF-8.
  var isText: Bool { self == .string || self == .json }
}

extension ParquetConversion {
  /// LogicalType is more specific than ConvertedType and takes precedence. Types that only describe the meaning of the bytes
  /// (ENUM, TIME, BSON) leave the physical type unchanged.
  init(_ element: ParquetSchemaElement, _ physical: ParquetPhysicalType) throws {
    switch physical {
    case .boolean: self = .bool
    case .float: self = .float
    case .double: self = .double
    case .int96: self = .int96
    case .int32: self = try Self.integer32(element)
    case .int64: self = try Self.integer64(element)
    case .byteArray: self = try Self.decimal(element, digits: 38) ?? Self.text(element)
    case .fixedLenByteArray:
      switch element.logical {
      case .float16 where element.typeLength == 2: self = .float16
      case .uuid where element.typeLength == 16: self = .uuid
      default:
        if element.converted == .interval, element.typeLength == 12 {
          self = .interval
        } else {
          self = try Self.decimal(element, digits: 38) ?? Self.text(element)
        }
      }
    }
  }

  /// Returns the text conversion if the file marks the column as text.
  private static func text(_ element: ParquetSchemaElement) -> ParquetConversion {
    switch (element.logical, element.converted) {
    case (.json, _), (nil, .json): .json
    case (.string, _), (.enumeration, _), (nil, .utf8), (nil, .enumeration): .string
    default: .binary
    }
  }

  /// - Parameter digits: The precision if the file does not give it.
  private static func decimal(_ element: ParquetSchemaElement, digits: Int32) throws -> ParquetConversion? {
    var (precision, scale) = (element.precision, element.scale)
    if case .decimal(let logicalPrecision, let logicalScale) = element.logical {
      (precision, scale) = (logicalPrecision, logicalScale)
    } else if element.converted != .decimal {
      return nil
    }
    if precision == 0 { precision = max(digits, scale) }
    guard (0...1000).contains(scale), (1...10_000).contains(precision) else {
      throw ParquetFault.corrupt("column '\(element.name)' is a decimal(\(precision),\(scale))")
    }
    // The format wants scale ≤ precision, but old writers did not check.
    let digits = max(precision, scale)
    return digits > 38
      ? .wideDecimal(scale: Int(scale)) : .decimal(precision: Int(digits), scale: Int(scale))
  }

  private static func integer32(_ element: ParquetSchemaElement) throws -> ParquetConversion {
    if let decimal = try decimal(element, digits: 9) { return decimal }
    switch (element.logical, element.converted) {
    case (.date, _), (nil, .date): return .date
    case (.integer(bits: 32, signed: false), _), (nil, .uint32): return .uint32
    case (.integer(bits: 8, _), _), (.integer(bits: 16, signed: true), _): return .int16
    case (nil, .int8), (nil, .uint8), (nil, .int16): return .int16
    default: return .int32
    }
  }

  private static func integer64(_ element: ParquetSchemaElement) throws -> ParquetConversion {
    if let decimal = try decimal(element, digits: 18) { return decimal }
    switch (element.logical, element.converted) {
    case (.timestamp(let unit, let isUTC), _): return .timestamp(unit, isUTC: isUTC)
    case (nil, .timestampMillis): return .timestamp(.millis, isUTC: true)
    case (nil, .timestampMicros): return .timestamp(.micros, isUTC: true)
    case (.integer(bits: 64, signed: false), _), (nil, .uint64): return .uint64
    default: return .int64
    }
  }
}
