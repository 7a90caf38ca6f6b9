import Columns

/// The fraction, or the list of fractions, of a percentile: the same for all rows.
struct Fractions {
  private let name: String
  private let type: ColumnType
  /// nil until the first row.
  private(set) var value: ScalarValue?

  init(_ name: String, _ type: ColumnType) {
    self.name = name
    self.type = type
  }

  /// `double` or a list of it for a number or a list of numbers; nil for other types.
  static func type(of argument: ColumnType) -> ColumnType? {
    if case .list(let element) = argument { return element.isNumeric ? .list(.double) : nil }
    return argument.isNumeric ? .double : nil
  }

  mutating func add(_ vector: Vector, _ loop: RowLoop) throws {
    if vector.isConstant {
      if loop.count > 0 { try add(vector.column.scalar(0, type)) }
      return
    }
    try add(vector.column, loop)
  }

  mutating func add(_ column: Column, _ loop: RowLoop) throws {
    try loop.forEach { _, row in try add(column.scalar(row, type)) }
  }

  private mutating func add(_ value: ScalarValue) throws {
    if let before = self.value {
      if before != value { throw QueryError("\(name): the fraction must be the same for all rows") }
      return
    }
    for fraction in Self.numbers(value) {
      guard let fraction, !(fraction >= 0 && fraction <= 1) else { continue }
      throw QueryError("\(name): \(fraction) is not a fraction between 0 and 1")
    }
    self.value = value
  }

  /// The fractions, nil for null.
  var numbers: [Double?] { value.map(Self.numbers) ?? [] }

  var isList: Bool { type != .double }

  private static func numbers(_ value: ScalarValue) -> [Double?] {
    switch value {
    case .double(let number): [number]
    case .list(let items): items.flatMap { numbers($0) }
    default: [nil]
    }
  }

  /// For partial results.
  func column(_ count: Int) -> Column {
    value.flatMap { .constant($0, type, count: count) } ?? .nulls(type, count: count)
  }
}
