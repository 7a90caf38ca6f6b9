extension Column {
  /// The value of one row. For results that people see, not for hot paths.
  public func scalar(_ row: Int, _ type: ColumnType) -> ScalarValue {
    if isNull(row) { return .null }
    switch values {
    case .bool(let values): return .bool(values[row])
    case .int32(let values): return .int(Int64(values[row]))
    case .int64(let values):
      if case .decimal = type { return .decimal(Int128(values[row])) }
      return .int(values[row])
    case .int128(let values): return .decimal(values[row])
    case .float(let values): return .float(values[row])
    case .double(let values): return .double(values[row])
    case .bytes(let strings):
      return .bytes(Array(strings.bytes[strings.offsets[row]..<strings.offsets[row + 1]]))
    case .dictionary(let column):
      let entry = Int(column.indices[row])
      return .bytes(
        Array(column.entries.bytes[column.entries.offsets[entry]..<column.entries.offsets[entry + 1]]))
    case .interval(let values): return .interval(values[row])
    case .list(let lists):
      guard case .list(let element) = type else { return .null }
      return .list((lists.offsets[row]..<lists.offsets[row + 1]).map { lists.elements.scalar($0, element) })
    case .structure(let columns, _):
      guard case .structure(let fields) = type else { return .null }
      return .structure(zip(columns, fields).map { $0.scalar(row, $1.type) })
    }
  }

  /// `count` times the same value.
  /// - Returns: nil if the value is not of the type.
  public static func constant(_ value: ScalarValue, _ type: ColumnType, count: Int) -> Column? {
    if value.isNull { return .nulls(type, count: count) }
    var builder = ColumnBuilder(ColumnField("", type, nullable: true))
    guard builder.append(value) else { return nil }
    return builder.take().gather(Array(repeating: 0, count: count))
  }
}
