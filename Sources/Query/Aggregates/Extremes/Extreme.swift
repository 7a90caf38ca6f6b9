import Columns

extension Ordered {
  /// Whether `a` comes before `b`.
  @inline(__always) static func precedes(_ a: Self, _ b: Self) -> Bool { isLess(a, b) }

  static func array(_ column: Column) throws(QueryError) -> [Self] {
    guard let values = array(column.values) else {
      throw QueryError(
        "an aggregate function got a column stored as \(column.values.storage), expected \(Self.self)")
    }
    return values
  }
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
