import Basics
import Columns
import Query

extension Binder {
  /// A call by name: a function or an aggregate.
  func functionCall(_ node: SyntaxNode, _ rows: Rows) throws -> Typed {
    let name = node.strings("funcname").last ?? ""
    if node.has("over") { throw error("window functions are not supported", node.location) }
    if Aggregates.lookup(name) != nil { return try aggregate(name, node, rows) }
    for (member, words) in [
      ("agg_distinct", "DISTINCT"), ("agg_filter", "FILTER"), ("agg_order", "ORDER BY"),
      ("agg_within_group", "WITHIN GROUP"), ("agg_star", "*"),
    ] where node.has(member) {
      guard Functions.isKnown(name) else { break }
      throw error("\(name) is not an aggregate; \(words) is for aggregates only", node.location)
    }
    if name == "unnest" {
      throw error("unnest is only allowed in FROM", node.location, hint: "write FROM t, unnest(t.list) AS x")
    }
    if node.flag("func_variadic") { throw error("VARIADIC is not supported", node.location) }
    let arguments = try node.list("args").map { try bind($0, rows) }
    var result: Typed
    switch name {
    case "extract", "date_part": result = try datePart(name, arguments, node.location)
    // POSITION(a IN b) comes as position(b, a).
    case "position" where node.text("funcformat") == "COERCE_SQL_SYNTAX":
      result = try call("strpos", arguments, node.location)
    case "nullif" where arguments.count == 2:
      let equal = try binary("=", arguments[0], arguments[1], node.location).expr
      let type = arguments[0].expr.type
      result = Typed(
        .conditional(Conditional([.init(equal, .literal(.null, type))], otherwise: arguments[0].expr, type)))
    default: result = try named(name, arguments, node.location)
    }
    result.name = name
    return result
  }

  /// A function of the registry; for a name that it lacks, the hint counts aggregates too.
  private func named(_ name: String, _ arguments: [Typed], _ position: Int) throws -> Typed {
    guard Functions.isKnown(name) else {
      let names =
        Functions.all.map(\.name).filter { $0.first?.isLetter ?? false } + Aggregates.all.map(\.name)
      let near = Nearest.name(to: name, among: names)
      throw error("no function \"\(name)\"", position, hint: near.map { "did you mean \"\($0)\"?" })
    }
    return try call(name, arguments, position)
  }

  private func datePart(_ name: String, _ arguments: [Typed], _ position: Int) throws -> Typed {
    try call(Functions.isKnown(name) ? name : "date_part", arguments, position)
  }
}
