extension ColumnType {
  /// Whether ``ColumnValues/doubles(_:)`` has numbers for values of this type.
  public var isNumeric: Bool {
    switch self {
    case .int16, .int32, .int64, .float, .double, .decimal: true
    default: false
    }
  }
}

extension ColumnValues {
  /// The values of a numeric or boolean (0 and 1) column, each rounded to the nearest double; nil for other types. What stands
  /// in place of a null is 0.
  public func doubles(_ type: ColumnType) -> [Double]? {
    guard type.isNumeric || type == .bool else { return nil }
    // Powers of ten up to 10²² are exact, so values of up to 53 bits are rounded only once.
    var divisor = 1.0
    if case .decimal(_, let scale) = type { for _ in 0..<scale { divisor *= 10 } }
    switch self {
    case .bool(let values): return values.map { $0 ? 1 : 0 }
    case .int32(let values): return values.map { Double($0) }
    case .int64(let values):
      return divisor == 1 ? values.map { Double($0) } : values.map { Double($0) / divisor }
    case .int128(let values): return values.map { Double($0) / divisor }
    case .float(let values): return values.map { Double($0) }
    case .double(let values): return values
    default: return nil
    }
  }
}
