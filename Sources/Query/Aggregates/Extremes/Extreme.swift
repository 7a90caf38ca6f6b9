import Columns

/// A stored value with the order of SQL.
protocol Ordered: BitwiseCopyable {
  static var zero: Self { get }
  /// Whether `a` comes before `b`.
  static func precedes(_ a: Self, _ b: Self) -> Bool
  /// One form for values that are equal in SQL: 0 for −0, one NaN.
  var canonical: Self { get }
  static func array(_ column: Column) throws(QueryError) -> [Self]
  static func values(_ array: [Self]) -> ColumnValues
}

extension Ordered where Self: FixedWidthInteger {
  @inline(__always) static func precedes(_ a: Self, _ b: Self) -> Bool { a < b }
  @inline(__always) var canonical: Self { self }
}

extension Ordered where Self: BinaryFloatingPoint {
  @inline(__always) static func precedes(_ a: Self, _ b: Self) -> Bool { a < b || b != b && a == a }
  @inline(__always) var canonical: Self { self == self ? self + 0 : .nan }
}

extension Int32: Ordered {
  static func array(_ column: Column) throws(QueryError) -> [Int32] { try column.int32s() }
  static func values(_ array: [Int32]) -> ColumnValues { .int32(array) }
}

extension Int64: Ordered {
  static func array(_ column: Column) throws(QueryError) -> [Int64] { try column.int64s() }
  static func values(_ array: [Int64]) -> ColumnValues { .int64(array) }
}

extension Int128: Ordered {
  static func array(_ column: Column) throws(QueryError) -> [Int128] { try column.int128s() }
  static func values(_ array: [Int128]) -> ColumnValues { .int128(array) }
}

extension Double: Ordered {
  static func array(_ column: Column) throws(QueryError) -> [Double] { try column.doubles() }
  static func values(_ array: [Double]) -> ColumnValues { .double(array) }
}

extension Float: Ordered {
  static func array(_ column: Column) throws(QueryError) -> [Float] {
    guard case .float(let values) = column.values else {
      throw QueryError(
        "an aggregate function got a column stored as \(column.values.storage), expected float")
    }
    return values
  }

  static func values(_ array: [Float]) -> ColumnValues { .float(array) }
}

/// `min` and `max` of numbers, dates and timestamps.
final class Extreme<Value: Ordered>: AggregateState {
  private let isMinimum: Bool
  private var best: [Value] = []
  private var isSet: [Bool] = []

  init(isMinimum: Bool) { self.isMinimum = isMinimum }

  func resize(to count: Int) {
    best.extend(to: count, .zero)
    isSet.extend(to: count, false)
  }

  func update(groups: [UInt32], arguments: [Vector], rows: Int, selection: [UInt32]?) throws {
    try add(arguments[0].expanded(rows), groups, rows, selection)
  }

  private func add(_ column: Column, _ groups: [UInt32], _ rows: Int, _ selection: [UInt32]?) throws {
    let loop = RowLoop(groups, [column], rows: rows, selection)
    let values = try Value.array(column)
    if isMinimum {
      add(values, loop) { Value.precedes($0, $1) }
    } else {
      add(values, loop) { Value.precedes($1, $0) }
    }
  }

  @inline(__always)
  private func add(_ values: [Value], _ loop: RowLoop, _ isBetter: (Value, Value) -> Bool) {
    values.withUnsafeBufferPointer { values in
      if loop.groups.isEmpty {
        // The best value stays in a register.
        var found: Value?
        if isSet.first == true { found = best[0] }
        if loop.isWhole {
          guard let first = values.first else { return }
          var current = found ?? first.canonical
          for row in 0..<loop.rows {
            let value = values[row]
            current = isBetter(value, current) ? value : current
          }
          found = current
        } else {
          loop.forEach { _, row in
            let value = values[row]
            guard let current = found else {
              found = value
              return
            }
            if isBetter(value, current) { found = value }
          }
        }
        guard let found, !best.isEmpty else { return }
        best[0] = found.canonical
        isSet[0] = true
        return
      }
      best.withUnsafeMutableBufferPointer { best in
        isSet.withUnsafeMutableBufferPointer { isSet in
          loop.forEach { group, row in
            let value = values[row]
            if !isSet[group] || isBetter(value, best[group]) {
              best[group] = value.canonical
              isSet[group] = true
            }
          }
        }
      }
    }
  }

  func partial(_ groups: [UInt32]) -> [Column] {
    [Column(Value.values(best.picked(groups)), optional: isSet.picked(groups))]
  }

  func merge(groups: [UInt32], state: [Column]) throws {
    try state.expect(1)
    try add(state[0], groups, state[0].count, nil)
  }

  func finish(_ count: Int) throws -> Column {
    Column(Value.values(Array(best[0..<count])), optional: Array(isSet[0..<count]))
  }

  var byteCount: Int { best.count * (MemoryLayout<Value>.stride + 1) }
}
