import Columns

/// A value of fixed width, as columns store it. Kernels are generic over these.
protocol StoredValue: BitwiseCopyable, Sendable {
  /// What stands in place of a null.
  static var zero: Self { get }
  static func array(_ values: ColumnValues) -> [Self]?
  static func values(_ array: [Self]) -> ColumnValues
}

extension Bool: StoredValue {
  static var zero: Bool { false }
  static func array(_ values: ColumnValues) -> [Bool]? {
    if case .bool(let array) = values { array } else { nil }
  }
  static func values(_ array: [Bool]) -> ColumnValues { .bool(array) }
}

extension Int32: StoredValue {
  static func array(_ values: ColumnValues) -> [Int32]? {
    if case .int32(let array) = values { array } else { nil }
  }
  static func values(_ array: [Int32]) -> ColumnValues { .int32(array) }
}

extension Int64: StoredValue {
  static func array(_ values: ColumnValues) -> [Int64]? {
    if case .int64(let array) = values { array } else { nil }
  }
  static func values(_ array: [Int64]) -> ColumnValues { .int64(array) }
}

extension Int128: StoredValue {
  static func array(_ values: ColumnValues) -> [Int128]? {
    if case .int128(let array) = values { array } else { nil }
  }
  static func values(_ array: [Int128]) -> ColumnValues { .int128(array) }
}

extension Float: StoredValue {
  static func array(_ values: ColumnValues) -> [Float]? {
    if case .float(let array) = values { array } else { nil }
  }
  static func values(_ array: [Float]) -> ColumnValues { .float(array) }
}

extension Double: StoredValue {
  static func array(_ values: ColumnValues) -> [Double]? {
    if case .double(let array) = values { array } else { nil }
  }
  static func values(_ array: [Double]) -> ColumnValues { .double(array) }
}

extension Interval: StoredValue {
  static var zero: Interval { Interval() }
  static func array(_ values: ColumnValues) -> [Interval]? {
    if case .interval(let array) = values { array } else { nil }
  }
  static func values(_ array: [Interval]) -> ColumnValues { .interval(array) }
}
