import Columns

/// A plan as people read it: one node a line, its inputs indented below.
package struct PlanText {
  private let query: Query
  private(set) var lines: [String] = []

  /// The plan of a query and its subqueries.
  package static func text(_ query: Query) -> String {
    var text = PlanText(query: query)
    text.add(query.plan, depth: 0)
    for (index, subquery) in query.subqueries.enumerated() {
      text.lines.append("subquery \(index + 1)\(subquery.use == .exists ? " (whether there is a row)" : ""):")
      text.add(subquery.plan, depth: 1)
    }
    return text.lines.joined(separator: "\n")
  }

  private init(query: Query) { self.query = query }

  private mutating func add(_ plan: LogicalPlan, depth: Int) {
    lines.append(String(repeating: "  ", count: depth) + PlanText.line(plan))
    for input in plan.inputs { add(input, depth: depth + 1) }
  }

  /// The node without its inputs.
  package static func line(_ plan: LogicalPlan) -> String {
    let names = plan.inputs.flatMap { $0.fields.map(\.name) }
    func text(_ expr: Expr) -> String { ExprText(names: names).text(expr) }
    func list(_ exprs: [NamedExpr]) -> String {
      exprs.map { column in
        let value = text(column.expr)
        return value == column.name ? value : "\(value) as \(column.name)"
      }.joined(separator: ", ")
    }
    switch plan {
    case .scan(let scan):
      let columns = plan.fields.map(\.name)
      let filter = scan.filter.map { " where " + ExprText(names: columns).text($0) } ?? ""
      return "scan \(scan.name): \(columns.isEmpty ? "no columns" : columns.joined(separator: ", "))\(filter)"
    case .values(let rows): return "values: \(rows.rows.count) \(rows.rows.count == 1 ? "row" : "rows")"
    case .filter(_, let condition): return "filter " + text(condition)
    case .project(_, let columns): return "project " + list(columns)
    case .aggregate(_, let aggregation): return PlanText.aggregation(aggregation, list, text)
    case .sort(_, let keys): return "sort by " + keys.map { order($0, text) }.joined(separator: ", ")
    case .limit(_, let limit):
      let offset = limit.offset > 0 ? ["skip \(limit.offset)"] : []
      return (offset + (limit.count.map { ["limit \($0)"] } ?? [])).joined(separator: ", ")
    case .join(let left, let right, let join): return PlanText.join(left, right, join)
    case .unionAll(let inputs): return "union all of \(inputs.count)"
    case .unnest(_, let unnest):
      return (unnest.isOuter ? "unnest or null " : "unnest ") + text(unnest.list) + " as "
        + (unnest.names + (unnest.ordinality.map { [$0] } ?? [])).joined(separator: ", ")
    }
  }

  private static func aggregation(
    _ aggregation: Aggregation, _ list: ([NamedExpr]) -> String, _ text: (Expr) -> String
  ) -> String {
    var parts: [String] = []
    if !aggregation.groups.isEmpty { parts.append("group by " + list(aggregation.groups)) }
    if let sets = aggregation.sets {
      let names = sets.map { "(" + $0.map { aggregation.groups[$0].name }.joined(separator: ", ") + ")" }
      parts.append("sets " + names.joined(separator: ", "))
    }
    let calls = aggregation.calls.map { call in
      var inside = (call.isDistinct ? "distinct " : "")
      inside += call.arguments.isEmpty ? "*" : call.arguments.map(text).joined(separator: ", ")
      if !call.order.isEmpty {
        inside += " order by " + call.order.map { order($0, text) }.joined(separator: ", ")
      }
      return "\(call.function)(\(inside))" + (call.filter.map { " where " + text($0) } ?? "")
    }
    if !calls.isEmpty { parts.append("compute " + calls.joined(separator: ", ")) }
    return parts.isEmpty ? "group all rows" : parts.joined(separator: "; ")
  }

  private static func join(_ left: LogicalPlan, _ right: LogicalPlan, _ join: Join) -> String {
    let leftText = ExprText(names: left.fields.map(\.name))
    let rightText = ExprText(names: right.fields.map(\.name))
    let both = ExprText(names: leftText.names + rightText.names)
    var conditions = join.keys.map { "\(leftText.text($0.left)) = \(rightText.text($0.right))" }
    if let asof = join.asof {
      conditions.append("last \(rightText.text(asof.right)) <= \(leftText.text(asof.left))")
    }
    if let condition = join.condition { conditions.append(both.text(condition)) }
    let kind =
      switch join.kind {
      case .inner: conditions.isEmpty ? "cross join" : "join"
      case .left: "left join"
      case .right: "right join"
      case .full: "full join"
      case .semi: "semi join"
      case .anti: "anti join"
      case .nullAwareAnti: "not in"
      case .asof: "as-of join"
      }
    return conditions.isEmpty ? kind : kind + " on " + conditions.joined(separator: " and ")
  }

  private static func order(_ key: SortKey, _ text: (Expr) -> String) -> String {
    let nulls = key.nullsFirst == key.isDescending ? "" : key.nullsFirst ? " nulls first" : " nulls last"
    return text(key.expr) + (key.isDescending ? " desc" : "") + nulls
  }
}
