import Columns

/// CASE: each branch is evaluated only for the rows that take it, and the parts are put together by one gather.
struct ConditionalNode: ExprNode {
  private let branches: [(condition: any ExprNode, value: any ExprNode)]
  private let otherwise: any ExprNode
  let type: ColumnType
  let columns: Set<Int>
  let canFail: Bool

  init(
    _ branches: [(condition: any ExprNode, value: any ExprNode)], otherwise: any ExprNode, _ type: ColumnType
  ) {
    self.branches = branches
    self.otherwise = otherwise
    self.type = type
    let nodes = branches.flatMap { [$0.condition, $0.value] } + [otherwise]
    columns = nodes.reduce(into: []) { $0.formUnion($1.columns) }
    canFail = nodes.contains { $0.canFail }
  }

  func evaluate(_ batch: ColumnBatch) throws -> Vector {
    // nil for all rows.
    var open: [UInt32]?
    var parts = Parts(rows: batch.rows)
    for branch in branches {
      if open?.isEmpty ?? false { break }
      let taken: [UInt32]
      do {
        let passed = try branch.condition.filter(open.map { branch.condition.restricted(batch, $0) } ?? batch)
        taken = open.map { open in passed.map { open[Int($0)] } } ?? passed
      } catch let error as QueryError {
        throw open.map { error.mapped($0) } ?? error
      }
      if taken.isEmpty { continue }
      let value = try branch.value.evaluate(batch, on: taken)
      if taken.count == batch.rows { return value }
      parts.add(value, taken)
      open = ConditionalNode.rest(open, taken, batch.rows)
    }
    guard let open else { return try otherwise.evaluate(batch) }
    if !open.isEmpty { parts.add(try otherwise.evaluate(batch, on: open), open) }
    return Vector(parts.column(type), type)
  }

  /// The rows that are not in `taken`; both lists ascend.
  private static func rest(_ open: [UInt32]?, _ taken: [UInt32], _ rows: Int) -> [UInt32] {
    var next = 0
    return (open ?? (0..<UInt32(rows)).map { $0 }).filter { row in
      if next < taken.count, taken[next] == row {
        next += 1
        return false
      }
      return true
    }
  }

  /// The values of the branches end to end, and where each row's value is.
  private struct Parts {
    private var columns: [Column] = []
    private var count = 0
    private var index: [UInt32]
    private var areConstants = true

    init(rows: Int) { index = Array(repeating: 0, count: rows) }

    mutating func add(_ vector: Vector, _ rows: [UInt32]) {
      if vector.isConstant {
        for row in rows { index[Int(row)] = UInt32(count) }
      } else {
        areConstants = false
        for (position, row) in rows.enumerated() { index[Int(row)] = UInt32(count + position) }
      }
      columns.append(vector.column)
      count += vector.column.count
    }

    func column(_ type: ColumnType) -> Column {
      let all = Column.concatenate(columns, type)
      // Few different texts: later functions are computed once for each.
      if areConstants, case .bytes(let entries) = all.values {
        let flags = all.validity.map { flags in index.map { flags[Int($0)] } }
        return Column(
          .dictionary(DictionaryColumn(indices: index, entries: entries)),
          validity: flags?.allSatisfy { $0 } == true ? nil : flags)
      }
      return all.gather(index)
    }
  }
}
