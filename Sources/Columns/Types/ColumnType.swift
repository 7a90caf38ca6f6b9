/// The type of a column in memory. The types of file formats and of SQL map to these.
public indirect enum ColumnType: Hashable, Sendable {
  case bool
  case int16, int32, int64
  case float, double
  /// Exact decimal numbers: integers in units of 10⁻ˢᶜᵃˡᵉ with at most `precision` (1 to 38) digits.
  case decimal(precision: Int, scale: Int)
  /// UTF-8 text.
  case string
  /// UTF-8 text that is a valid JSON value.
  case json
  /// Bytes that are not necessarily text.
  case binary
  /// Days since 1970-01-01.
  case date
  /// Milliseconds since 1970 UTC.
  case timestampMillis
  /// A date and a time of day without a time zone: microseconds since 1970-01-01 00:00.
  case timestamp
  /// An instant: microseconds since 1970 UTC.
  case timestampTZ
  case interval
  case list(ColumnType)
  case structure([ColumnField])
}

extension ColumnType {
  /// How values of a type are stored: the case of ``ColumnValues`` that holds them.
  public enum Storage: Hashable, Sendable {
    case bool, int32, int64, int128, float, double, bytes, interval, list, structure
  }

  /// Decimals of more digits are stored in 128 bits.
  public static var longestInt64Decimal: Int { 18 }

  @inlinable public var storage: Storage {
    switch self {
    case .bool: .bool
    case .int16, .int32, .date: .int32
    case .int64, .timestampMillis, .timestamp, .timestampTZ: .int64
    case .decimal(let precision, _): precision <= Self.longestInt64Decimal ? .int64 : .int128
    case .float: .float
    case .double: .double
    case .string, .json, .binary: .bytes
    case .interval: .interval
    case .list: .list
    case .structure: .structure
    }
  }

  /// The name in reports, errors and fingerprints of outputs.
  public var name: String {
    switch self {
    case .bool: "bool"
    case .int16: "int16"
    case .int32: "int32"
    case .int64: "int64"
    case .float: "float"
    case .double: "double"
    case .decimal(let precision, let scale): "decimal(\(precision),\(scale))"
    case .string: "string"
    case .json: "json"
    case .binary: "binary"
    case .date: "date"
    case .timestampMillis: "timestampMillis"
    case .timestamp: "timestamp"
    case .timestampTZ: "timestampTZ"
    case .interval: "interval"
    case .list(let element): "list<\(element.name)>"
    case .structure(let fields):
      "struct<" + fields.map { "\($0.name) \($0.type.name)" }.joined(separator: ", ") + ">"
    }
  }

  public var isInteger: Bool { self == .int16 || self == .int32 || self == .int64 }

  public var isNested: Bool {
    switch self {
    case .list, .structure: true
    default: false
    }
  }
}
