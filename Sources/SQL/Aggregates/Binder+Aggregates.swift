import Columns
import Query

extension Binder {
  /// A call of an aggregate function; the result is a placeholder column.
  func aggregate(_ name: String, _ node: SyntaxNode, _ rows: Rows) throws -> Typed {
    guard let collector = rows.aggregates else {
      throw error("aggregate \(name) is not allowed in \(rows.clause)", node.location)
    }
    let inner = Rows(rows.relation, outer: rows.outer, clause: "an aggregate", isListQuery: rows.isListQuery)
    inner.canJoin = rows.canJoin
    var arguments = try aggregateArguments(node, inner)
    inner.clause = "FILTER"
    let filter = try node.node("agg_filter").map { try condition($0, inner) }
    inner.clause = "an aggregate"
    var order = try node.list("agg_order").map { try sortKey($0, inner) }
    if node.flag("agg_within_group") {
      (arguments, order) = try withinGroup(name, arguments, order, node)
    }
    // Joins for subqueries in the arguments stay.
    rows.relation = inner.relation
    let types: AggregateTypes
    do {
      types = try Aggregates.resolve(name, arguments.map(\.type))
    } catch {
      let types = arguments.map { $0.type?.sqlName ?? "unknown" }.joined(separator: ", ")
      throw self.error("no aggregate function \(name)(\(types))", node.location, hint: error.hint)
    }
    let isDistinct = node.flag("agg_distinct")
    if isDistinct, arguments.isEmpty { throw error("DISTINCT needs an argument", node.location) }
    let values = try zip(arguments, types.arguments).map { try coerce($0, to: $1, node.location) }
    let call = AggregateCall(
      name, values, isDistinct: isDistinct, filter: filter, order: order, type: types.result, name: name,
      position: mark(node.location))
    return Typed(collector.add(call), name: name)
  }

  private func aggregateArguments(_ node: SyntaxNode, _ rows: Rows) throws -> [Typed] {
    let arguments = try node.list("args").map { try bind($0, rows) }
    for argument in arguments where argument.expr.refersToOuterRows {
      throw error("an aggregate of columns of the query around is not supported", node.location)
    }
    return arguments
  }

  /// `percentile_cont(0.5) WITHIN GROUP (ORDER BY x)` is `percentile_cont(0.5, x)`; `mode() WITHIN GROUP (ORDER BY x)` is
  /// `mode(x)`.
  private func withinGroup(
    _ name: String, _ direct: [Typed], _ order: [SortKey], _ node: SyntaxNode
  ) throws -> ([Typed], [SortKey]) {
    guard let key = order.first, order.count == 1 else {
      throw error("WITHIN GROUP takes one ORDER BY expression", node.location)
    }
    guard key.isDescending else { return (direct + [Typed(key.expr)], []) }
    switch (name, direct.first) {
    case ("mode", _): return ([Typed(key.expr)] + direct, order)
    case ("percentile_cont", let fraction?):
      let rest = try call("-", [Typed(.literal(.double(1), .double)), fraction], node.location)
      return ([rest, Typed(key.expr)], [])
    default: throw error("\(name) takes an ascending ORDER BY", node.location)
    }
  }

  func sortKey(_ node: SyntaxNode, _ rows: Rows) throws -> SortKey {
    guard let value = node.node("node") else { throw error("ORDER BY needs an expression", node) }
    return sortKey(node, try bind(value, rows).expr)
  }

  func sortKey(_ node: SyntaxNode, _ expr: Expr) -> SortKey {
    let nullsFirst: Bool? =
      switch node.text("sortby_nulls") {
      case "SORTBY_NULLS_FIRST": true
      case "SORTBY_NULLS_LAST": false
      default: nil
      }
    return SortKey(expr, isDescending: node.text("sortby_dir") == "SORTBY_DESC", nullsFirst: nullsFirst)
  }

  /// `GROUPING(a, b)`
  func grouping(_ node: SyntaxNode, _ rows: Rows) throws -> Typed {
    guard let collector = rows.aggregates else {
      throw error("GROUPING is not allowed in \(rows.clause)", node.location)
    }
    let inner = Rows(rows.relation, outer: nil, clause: "GROUPING")
    let arguments = try node.list("args").map { try bind($0, inner).expr }
    return Typed(collector.addGrouping(arguments, node.location), name: "grouping")
  }
}
