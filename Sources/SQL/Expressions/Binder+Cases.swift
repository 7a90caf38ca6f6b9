import Columns
import Query

extension Binder {
  /// Both forms of CASE; that with a value compares it to each WHEN.
  func caseExpression(_ node: SyntaxNode, _ rows: Rows) throws -> Typed {
    let subject = try node.node("arg").map { try bind($0, rows) }
    var conditions: [Expr] = []
    var results: [(Typed, SyntaxNode)] = []
    let clause = rows.clause
    defer { rows.clause = clause }
    for when in node.list("args") {
      guard let test = when.node("expr"), let result = when.node("result") else {
        throw error("WHEN needs a condition and a result", when)
      }
      rows.clause = "CASE WHEN"
      if let subject {
        conditions.append(try binary("=", subject, try bind(test, rows), test.nearestLocation).expr)
      } else {
        conditions.append(try condition(test, rows))
      }
      rows.clause = clause
      results.append((try bind(result, rows), result))
    }
    if let otherwise = node.node("defresult") {
      results.append((try bind(otherwise, rows), otherwise))
    } else {
      results.append((.null, node))
    }
    let values = try unify(results, "CASE")
    guard let otherwise = values.last else { throw error("CASE needs a WHEN", node) }
    let branches = zip(conditions, values).map { Conditional.Branch($0, $1) }
    return Typed(
      .conditional(Conditional(branches, otherwise: otherwise, otherwise.type)), name: "case")
  }

  /// COALESCE as a chain of branches: an operand is evaluated only where those before it are null.
  func coalesce(_ node: SyntaxNode, _ rows: Rows) throws -> Typed {
    let values = try unify(try node.list("args").map { (try bind($0, rows), $0) }, "COALESCE")
    return Typed(try coalesce(values, node.location), name: "coalesce")
  }

  func coalesce(_ values: [Expr], _ position: Int) throws -> Expr {
    guard let last = values.last else { throw error("COALESCE needs a value", position) }
    let branches = values.dropLast().map { Conditional.Branch(.not(.isNull($0)), $0) }
    return branches.isEmpty ? last : .conditional(Conditional(branches, otherwise: last, last.type))
  }
}
