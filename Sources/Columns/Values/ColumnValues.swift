/// The stored values of a column. ``ColumnType/storage`` says which case holds the values of a type.
public enum ColumnValues: Hashable, Sendable {
  case bool([Bool])
  case int32([Int32])
  case int64([Int64])
  case int128([Int128])
  case float([Float])
  case double([Double])
  case bytes(StringColumn)
  /// Bytes too. Only readers that are asked for dictionaries return them.
  case dictionary(DictionaryColumn)
  case interval([Interval])
  case list(ListColumn)
  /// The columns of the struct's fields.
  case structure([Column], rows: Int)

  @inlinable public var count: Int {
    switch self {
    case .bool(let values): values.count
    case .int32(let values): values.count
    case .int64(let values): values.count
    case .int128(let values): values.count
    case .float(let values): values.count
    case .double(let values): values.count
    case .bytes(let values): values.count
    case .dictionary(let values): values.count
    case .interval(let values): values.count
    case .list(let values): values.count
    case .structure(_, let rows): rows
    }
  }

  public var storage: ColumnType.Storage {
    switch self {
    case .bool: .bool
    case .int32: .int32
    case .int64: .int64
    case .int128: .int128
    case .float: .float
    case .double: .double
    case .bytes, .dictionary: .bytes
    case .interval: .interval
    case .list: .list
    case .structure: .structure
    }
  }

  /// The values of a string, JSON or binary column, one for each row; nil for other columns.
  public var strings: StringColumn? {
    switch self {
    case .bytes(let strings): strings
    case .dictionary(let column): column.decoded()
    default: nil
    }
  }

  /// `count` zeros, empty strings or empty lists.
  public static func zeros(_ type: ColumnType, count: Int) -> ColumnValues {
    switch type.storage {
    case .bool: return .bool(Array(repeating: false, count: count))
    case .int32: return .int32(Array(repeating: 0, count: count))
    case .int64: return .int64(Array(repeating: 0, count: count))
    case .int128: return .int128(Array(repeating: 0, count: count))
    case .float: return .float(Array(repeating: 0, count: count))
    case .double: return .double(Array(repeating: 0, count: count))
    case .bytes: return .bytes(StringColumn(emptyStrings: count))
    case .interval: return .interval(Array(repeating: Interval(), count: count))
    case .list:
      guard case .list(let element) = type else { return .bool([]) }
      return .list(
        ListColumn(
          offsets: Array(repeating: 0, count: count + 1), elements: Column(.zeros(element, count: 0))))
    case .structure:
      guard case .structure(let fields) = type else { return .bool([]) }
      return .structure(fields.map { Column(.zeros($0.type, count: count)) }, rows: count)
    }
  }
}
