import Columns

/// The input of a grouping with its grouping sets applied: the rows repeated for each set, and the number of the set as one
/// more group.
struct GroupedRows {
  private(set) var flow: Flow
  private(set) var groups: [NamedExpr]
  /// The calls to compute: all but `grouping`.
  private(set) var calls: [AggregateCall]
  private let aggregation: Aggregation

  init(_ aggregation: Aggregation, _ input: Flow, _ session: SessionContext) {
    self.aggregation = aggregation
    flow = input
    groups = aggregation.groups
    calls = aggregation.calls.filter { $0.function != "grouping" }
    if let sets = aggregation.sets { expand(sets) }
  }

  private mutating func expand(_ sets: [[Int]]) {
    // Arguments get columns of their own: those of the groups become null.
    var columns = groups
    func column(_ expr: Expr) -> Expr {
      columns.append(NamedExpr("argument", expr))
      return .column(columns.count - 1, expr.type)
    }
    for index in calls.indices {
      calls[index].arguments = calls[index].arguments.map { if case .literal = $0 { $0 } else { column($0) } }
      calls[index].filter = calls[index].filter.map(column)
      calls[index].order = []
    }
    flow.project(columns)
    let number = flow.data
    flow.expand(Expand(groups: Array(groups.indices), sets: sets))
    groups = groups.indices.map { NamedExpr(groups[$0].name, .column($0, groups[$0].expr.type)) }
    groups.append(NamedExpr(ExpandStep.field.name, .column(number, .int64)))
  }

  /// The columns of the aggregation's result, from the grouped rows.
  func results(_ grouped: Flow) -> [NamedExpr] {
    var columns = aggregation.groups.indices.map { index in
      NamedExpr(aggregation.groups[index].name, .column(index, aggregation.groups[index].expr.type))
    }
    var next = groups.count
    for call in aggregation.calls {
      if call.function == "grouping" {
        columns.append(NamedExpr(call.name, grouping(call)))
      } else {
        columns.append(NamedExpr(call.name, .column(next, grouped.fields[next].type)))
        next += 1
      }
    }
    return columns
  }

  /// GROUPING(a, b): a bit for each argument, the last one lowest; set if the argument is not part of the row's set.
  private func grouping(_ call: AggregateCall) -> Expr {
    let arguments = call.arguments.map { argument -> Int in
      if case .literal(.int(let index), _) = argument { Int(index) } else { -1 }
    }
    func mask(_ set: [Int]) -> Expr {
      let bits = arguments.reduce(Int64(0)) { $0 << 1 | (set.contains($1) ? 0 : 1) }
      return .literal(.int(bits), call.type)
    }
    guard let sets = aggregation.sets else { return mask(Array(aggregation.groups.indices)) }
    let number = Expr.column(groups.count - 1, .int64)
    let branches = sets.enumerated().map { index, set in
      Conditional.Branch(.isIn(number, ValueList([.int(Int64(index))], hasNull: false)), mask(set))
    }
    return .conditional(Conditional(branches, otherwise: .literal(.null, call.type), call.type))
  }
}
