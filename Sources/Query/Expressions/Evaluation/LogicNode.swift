import Columns

/// AND (decided by false) and OR (decided by true), in three-valued logic.
struct LogicNode: ExprNode {
  private let operands: [any ExprNode]
  /// The value of an operand that decides the result.
  private let decisive: Bool
  let columns: Set<Int>
  let canFail: Bool
  var type: ColumnType { .bool }

  init(_ operands: [any ExprNode], decisive: Bool) {
    self.operands = operands
    self.decisive = decisive
    columns = operands.reduce(into: []) { $0.formUnion($1.columns) }
    canFail = operands.contains { $0.canFail }
  }

  func evaluate(_ batch: ColumnBatch) throws -> Vector {
    var state = State(rows: batch.rows)
    for operand in operands {
      // Gathering pays if few rows are left, and it must be done if others could fail.
      if state.open.map({ operand.canFail || $0.count < batch.rows / 4 }) ?? false, let rows = state.open {
        if rows.isEmpty { break }
        state.add(try operand.evaluate(batch, on: rows), decisive, rows)
      } else {
        state.add(try operand.evaluate(batch), decisive, nil)
      }
    }
    return state.vector(decisive)
  }

  func filter(_ batch: ColumnBatch) throws -> [UInt32] {
    if decisive {
      let vector = try evaluate(batch)
      return try ConstantNode(vector).filter(batch)
    }
    var rows: [UInt32]?
    for operand in operands {
      guard let passed = rows else {
        rows = try operand.filter(batch)
        continue
      }
      if passed.isEmpty { break }
      // Copying most of the rows costs more than evaluating all of them.
      if passed.count == batch.rows || !operand.canFail && passed.count > batch.rows / 2 {
        rows = LogicNode.both(passed, try operand.filter(batch))
        continue
      }
      do {
        rows = try operand.filter(operand.restricted(batch, passed)).map { passed[Int($0)] }
      } catch let error as QueryError {
        throw error.mapped(passed)
      }
    }
    return rows ?? []
  }

  /// The rows in both lists; both ascend.
  private static func both(_ a: [UInt32], _ b: [UInt32]) -> [UInt32] {
    var next = 0
    return b.filter { row in
      while next < a.count, a[next] < row { next += 1 }
      return next < a.count && a[next] == row
    }
  }

  private struct State {
    private var decided: [Bool]
    private var nulls: [Bool]?
    /// Rows that no operand has decided; nil for all.
    private(set) var open: [UInt32]?

    init(rows: Int) { decided = Array(repeating: false, count: rows) }

    /// - Parameter rows: Those that the operand was evaluated for; nil for all.
    mutating func add(_ vector: Vector, _ decisive: Bool, _ rows: [UInt32]?) {
      guard case .bool(let flags) = vector.column.values else { return }
      let mask = vector.isConstant ? 0 : -1
      let count = rows?.count ?? decided.count
      var hasDecided = false
      if let validity = vector.column.validity {
        if nulls == nil { nulls = Array(repeating: false, count: decided.count) }
        for index in 0..<count {
          let row = rows.map { Int($0[index]) } ?? index
          if !validity[index & mask] {
            nulls?[row] = true
          } else if flags[index & mask] == decisive {
            decided[row] = true
            hasDecided = true
          }
        }
      } else if let rows {
        for (index, row) in rows.enumerated() where flags[index & mask] == decisive {
          decided[Int(row)] = true
          hasDecided = true
        }
      } else {
        for row in 0..<count {
          let decides = flags[row & mask] == decisive
          decided[row] = decided[row] || decides
          hasDecided = hasDecided || decides
        }
      }
      if hasDecided {
        let candidates = open ?? (0..<UInt32(decided.count)).map { $0 }
        open = candidates.filter { !decided[Int($0)] }
      }
    }

    func vector(_ decisive: Bool) -> Vector {
      let values = decided.map { $0 == decisive }
      guard let nulls else { return Vector(Column(.bool(values)), .bool) }
      let validity = zip(decided, nulls).map { $0 || !$1 }
      return Vector(Column(.bool(values), validity: validity).zeroingNulls(), .bool)
    }
  }
}
