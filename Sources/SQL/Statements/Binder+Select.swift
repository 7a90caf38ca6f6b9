import Columns
import Query

extension Binder {
  /// SELECT … FROM … WHERE … GROUP BY … HAVING … ORDER BY … LIMIT.
  func select(_ node: SyntaxNode, outer: Rows?) throws -> Relation {
    let rows = Rows(try from(node.list("fromClause"), outer: outer), outer: outer, clause: "WHERE")
    if let condition = node.node("whereClause") { try filter(condition, rows) }
    var select = Selection(targets: try targets(node, rows.scope))

    rows.clause = "GROUP BY"
    let grouping = try self.grouping(node.list("groupClause"), targets: select.targets, rows)
    let width = rows.relation.plan.width
    let collector = AggregateCollector()
    rows.aggregates = collector
    rows.clause = "SELECT"
    for target in select.targets {
      rows.firstPositions = [:]
      let bound = try bind(target, rows)
      if bound.isUntyped { select.untyped.insert(select.columns.count) }
      select.columns.append(
        Selection.Column(target.alias ?? bound.name ?? "?column?", bound.expr, rows.firstPositions))
    }
    let having = try node.node("havingClause").map { try self.having($0, rows) } ?? []
    rows.clause = "ORDER BY"
    try order(node, &select, rows)
    try distinctOn(node, &select, rows)

    if !node.list("groupClause").isEmpty || !collector.calls.isEmpty || node.has("havingClause") {
      guard rows.relation.plan.width == width else {
        throw error("a subquery that depends on the rows around it is not supported beside aggregates", node)
      }
      try aggregate(&select, grouping, collector, having, rows)
    }
    return try arranged(select, node, rows.relation.plan)
  }

  /// The plan after FROM, WHERE and GROUP BY: the select list, DISTINCT, ORDER BY, LIMIT.
  private func arranged(_ select: Selection, _ node: SyntaxNode, _ plan: LogicalPlan) throws -> Relation {
    let limit = try limit(node)
    let outputs = select.columns.map { NamedExpr($0.name, $0.expr) }
    var plan = plan
    if !select.distinctOn.isEmpty {
      plan = try distinctOn(select, plan)
    } else if node.has("distinctClause") {
      plan = distinct(.project(plan, outputs))
    } else {
      plan = .project(plan, outputs + select.hidden.enumerated().map { NamedExpr("order\($0 + 1)", $1.expr) })
    }
    let fields = plan.fields
    if !select.order.isEmpty {
      plan = .sort(
        plan,
        select.order.map {
          SortKey(
            .column($0.column, fields[$0.column].type), isDescending: $0.isDescending,
            nullsFirst: $0.nullsFirst)
        })
    }
    if let limit { plan = .limit(plan, limit) }
    if fields.count > outputs.count {
      plan = .project(plan, outputs.indices.map { NamedExpr(outputs[$0].name, .column($0, fields[$0].type)) })
    }
    var relation = Relation(plan, table: nil)
    relation.untyped = select.untyped
    return relation
  }

  /// Puts the aggregation under the rest: expressions over rows become expressions over groups.
  private func aggregate(
    _ select: inout Selection, _ grouping: Grouping, _ collector: AggregateCollector,
    _ having: [HavingCondition], _ rows: Rows
  ) throws {
    let scope = rows.scope
    func rewritten(_ expr: Expr, _ positions: [Int: Int]) throws -> Expr {
      try grouping.rewritten(expr) { index in
        let entry = scope.entries.first { $0.expr == .column(index, $0.expr.type) }
        return error(
          "column \"\(entry?.name ?? "\(index + 1)")\" must appear in GROUP BY or be used in an aggregate",
          positions[index] ?? 0)
      }
    }
    for (call, arguments, position) in collector.groupings {
      collector.setGrouping(
        call,
        try arguments.map { argument in
          guard let group = grouping.index(of: argument) else {
            throw error("the arguments of GROUPING must be grouping expressions", position)
          }
          return group
        })
    }
    for index in select.columns.indices {
      select.columns[index].expr = try rewritten(select.columns[index].expr, select.columns[index].positions)
    }
    for index in select.hidden.indices {
      select.hidden[index].expr = try rewritten(select.hidden[index].expr, select.hidden[index].positions)
    }
    for index in select.distinctOn.indices {
      select.distinctOn[index].expr = try rewritten(
        select.distinctOn[index].expr, select.distinctOn[index].positions)
    }
    var plan = LogicalPlan.aggregate(
      rows.relation.plan,
      Aggregation(groups: grouping.groups, sets: grouping.sets, calls: collector.calls))
    for condition in having {
      let expr = try rewritten(condition.expr, condition.positions)
      plan = condition.applied(to: plan, expr)
    }
    rows.relation.plan = plan
  }
}
