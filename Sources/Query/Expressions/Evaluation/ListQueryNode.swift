import Columns

/// A scalar subquery over a list of the row: the elements of all rows are one batch, beside their rows' columns.
struct ListQueryNode: ExprNode {
  private let query: ListQuery
  private let list: any ExprNode
  private let filter: (any ExprNode)?
  private let value: any ExprNode
  let columns: Set<Int>
  var type: ColumnType { query.type }
  var canFail: Bool { true }

  init(_ query: ListQuery, _ compiler: ExprCompiler) throws {
    self.query = query
    list = try compiler.node(query.list)
    var inner = compiler
    inner.listDepth += 1
    filter = try query.filter.map { try inner.node($0) }
    value = try inner.node(query.value)
    // The last two columns that they see are the element and its number; before them are those of the row.
    let seen = value.columns.union(filter?.columns ?? []).compactMap { $0 >= 0 ? $0 : $0 < -2 ? $0 + 2 : nil }
    columns = list.columns.union(seen)
  }

  func evaluate(_ batch: ColumnBatch) throws -> Vector {
    let vector = try list.evaluate(batch)
    guard case .list(let lists) = vector.expanded(batch.rows).values, case .list(let element) = list.type
    else {
      throw QueryError("a query over \(list.type.sqlName), which is not a list", position: query.position)
    }
    var rows: [UInt32] = []
    var ordinals: [Int64] = []
    rows.reserveCapacity(lists.elements.count)
    ordinals.reserveCapacity(lists.elements.count)
    for row in 0..<lists.count {
      for index in 0..<lists.offsets[row + 1] - lists.offsets[row] {
        rows.append(UInt32(row))
        ordinals.append(Int64(index + 1))
      }
    }
    var inner = restricted(batch, rows)
    inner.fields += [ColumnField("element", element, nullable: true), ColumnField("ordinality", .int64)]
    inner.columns += [lists.elements, Column(.int64(ordinals))]
    do {
      return try reduce(inner, rows, count: batch.rows)
    } catch var error as QueryError {
      error = error.mapped(rows)
      if error.position < 0 { error.position = query.position }
      throw error
    }
  }

  /// - Parameter rows: The row that each element belongs to.
  private func reduce(_ elements: ColumnBatch, _ rows: [UInt32], count: Int) throws -> Vector {
    let passed: [UInt32]
    if let filter {
      passed = elements.rows == 0 ? [] : try filter.filter(elements)
    } else {
      passed = (0..<UInt32(elements.rows)).map { $0 }
    }
    switch query.result {
    case .count:
      var counts = [Int64](repeating: 0, count: count)
      for index in passed { counts[Int(rows[Int(index)])] += 1 }
      return Vector(Column(.int64(counts)), type)
    case .exists:
      var flags = [Bool](repeating: false, count: count)
      for index in passed { flags[Int(rows[Int(index)])] = true }
      return Vector(Column(.bool(flags)), type)
    case .single, .first:
      // The element of each row; those without get a null that stands after the last.
      var chosen: [UInt32] = []
      var position = [UInt32](repeating: .max, count: count)
      for index in passed {
        let row = Int(rows[Int(index)])
        if position[row] == .max {
          position[row] = UInt32(chosen.count)
          chosen.append(index)
        } else if query.result == .single {
          throw QueryError(
            "more than one element of the list passes the subquery's condition", row: Int(index))
        }
      }
      guard !chosen.isEmpty else { return Vector(.nulls(type, count: 1), type, isConstant: true) }
      let values = try value.evaluate(elements, on: chosen).expanded(chosen.count)
      let all = Column.concatenate([values, .nulls(type, count: 1)], type)
      return Vector(all.gather(position.map { min($0, UInt32(chosen.count)) }), type)
    case .aggregate(let name):
      return try aggregate(name, elements, passed, rows, count)
    }
  }
}

extension ListQueryNode {
  private func aggregate(
    _ name: String, _ elements: ColumnBatch, _ passed: [UInt32], _ rows: [UInt32], _ count: Int
  ) throws -> Vector {
    guard let function = Aggregates.lookup(name), let types = function.resolve([value.type]),
      types.arguments == [value.type]
    else {
      throw QueryError("no aggregate function \(name)(\(value.type.sqlName))", position: query.position)
    }
    let state = function.makeState([value.type])
    state.resize(to: count)
    if !passed.isEmpty {
      let values = try value.evaluate(elements, on: passed)
      try state.update(
        groups: passed.map { rows[Int($0)] }, arguments: [values], rows: passed.count, selection: nil)
    }
    return Vector(try state.finish(count), type)
  }
}
