import Columns
import Shuffle

/// A condition `column <op> constant` of a scan, as far as ranges of values can refute it.
struct RangeTest {
  enum Comparison { case equal, less, lessOrEqual, greater, greaterOrEqual }

  let column: Int
  private let type: ColumnType
  private let comparison: Comparison
  private let constant: ScalarValue

  /// - Returns: nil for a condition of another form.
  init?(_ condition: Expr) {
    guard case .call(let call) = condition, call.arguments.count == 2,
      let comparison = RangeTest.comparison(call.name)
    else { return nil }
    switch (call.arguments[0], call.arguments[1]) {
    case (.column(let column, let type), .literal(let value, let other)) where type == other && !value.isNull:
      self.init(column, type, comparison, value)
    case (.literal(let value, let other), .column(let column, let type)) where type == other && !value.isNull:
      self.init(column, type, RangeTest.mirrored(comparison), value)
    default: return nil
    }
  }

  private init(_ column: Int, _ type: ColumnType, _ comparison: Comparison, _ constant: ScalarValue) {
    self.column = column
    self.type = type
    self.comparison = comparison
    self.constant = constant
  }

  private static func comparison(_ name: String) -> Comparison? {
    switch name {
    case "=": .equal
    case "<": .less
    case "<=": .lessOrEqual
    case ">": .greater
    case ">=": .greaterOrEqual
    default: nil
    }
  }

  private static func mirrored(_ comparison: Comparison) -> Comparison {
    switch comparison {
    case .equal: .equal
    case .less: .greater
    case .lessOrEqual: .greaterOrEqual
    case .greater: .less
    case .greaterOrEqual: .lessOrEqual
    }
  }

  /// Whether a column that always holds `value` has no row that passes.
  func excludes(_ value: ScalarValue, _ type: ColumnType) -> Bool {
    guard type == self.type else { return false }
    if value.isNull { return true }
    guard let order = RangeTest.order(value, constant) else { return false }
    return excludes(low: order, high: order)
  }

  /// Whether no value within the range passes.
  func excludes(_ range: ColumnRange, _ type: ColumnType) -> Bool {
    guard type == self.type else { return false }
    switch (range.bounds, constant) {
    case (.integers(let bounds), .int(let value)):
      return excludes(low: order(bounds.lowerBound, value), high: order(bounds.upperBound, value))
    case (.integers(let bounds), .decimal(let value)):
      return excludes(
        low: order(Int128(bounds.lowerBound), value), high: order(Int128(bounds.upperBound), value))
    case (.bytes(let low, let high), .bytes(let value)):
      return excludes(low: ByteOrder.compare(low, value), high: ByteOrder.compare(high, value))
    case (.numbers(let bounds), .double(let value)) where !value.isNaN:
      // A NaN, above all numbers, is not part of the bounds; files with one have none.
      return excludes(low: order(bounds.lowerBound, value), high: order(bounds.upperBound, value))
    default: return false
    }
  }

  /// - Parameters: How the lowest and the highest value compare to the constant.
  private func excludes(low: Int, high: Int) -> Bool {
    switch comparison {
    case .equal: low > 0 || high < 0
    case .less: low >= 0
    case .lessOrEqual: low > 0
    case .greater: high <= 0
    case .greaterOrEqual: high < 0
    }
  }

  private func order<T: Comparable>(_ a: T, _ b: T) -> Int { a < b ? -1 : a == b ? 0 : 1 }

  private static func order(_ a: ScalarValue, _ b: ScalarValue) -> Int? {
    switch (a, b) {
    case (.int(let a), .int(let b)): a < b ? -1 : a == b ? 0 : 1
    case (.bytes(let a), .bytes(let b)): ByteOrder.compare(a, b)
    default: nil
    }
  }
}
