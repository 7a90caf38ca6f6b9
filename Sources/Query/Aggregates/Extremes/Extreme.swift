import Columns

extension Ordered {
  static func array(_ column: Column) throws(QueryError) -> [Self] {
    guard let values = array(column.values) else {
      throw QueryError(
        "an aggregate function got a column stored as \(column.values.storage), expected \(Self.self)")
    }
    return values
  }
}

/// A value of which the smallest or largest of each group is kept.
protocol Foldable: Ordered {
  /// A requirement, not only an extension, so that it is compiled for each type: the methods of a generic class that are called
  /// through a protocol are not.
  static func fold(
    _ values: [Self], _ loop: RowLoop, isMinimum: Bool, _ best: inout [Self], _ isSet: inout [Bool])
}

extension Int32: Foldable {}
extension Int64: Foldable {}
extension Int128: Foldable {}
extension Float: Foldable {}
extension Double: Foldable {}

extension Foldable {
  static func fold(
    _ values: [Self], _ loop: RowLoop, isMinimum: Bool, _ best: inout [Self], _ isSet: inout [Bool]
  ) {
    if isMinimum {
      fold(values, loop, &best, &isSet) { isLess($0, $1) }
    } else {
      fold(values, loop, &best, &isSet) { isLess($1, $0) }
    }
  }

  @inline(__always)
  private static func fold(
    _ values: [Self], _ loop: RowLoop, _ best: inout [Self], _ isSet: inout [Bool],
    _ isBetter: (Self, Self) -> Bool
  ) {
    values.withUnsafeBufferPointer { values in
      if loop.isWhole {
        // The best value stays in a register.
        guard let first = values.first, let before = best.first else { return }
        var current = isSet[0] ? before : first
        for value in values { current = isBetter(value, current) ? value : current }
        best[0] = current.canonical
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
}

/// `min` and `max` of numbers, dates and timestamps.
final class Extreme<Value: Foldable>: AggregateState {
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
    Value.fold(try Value.array(column), loop, isMinimum: isMinimum, &best, &isSet)
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
