import Columns
import Query

extension Binder {
  func operation(_ node: SyntaxNode, _ rows: Rows) throws -> Typed {
    let names = node.strings("name")
    let name = names.last ?? ""
    switch node.text("kind") {
    case "AEXPR_OP":
      let right = try operand(node, "rexpr", rows)
      guard let left = node.node("lexpr") else {
        if name == "+" { return right }
        return try call(name, [right], node.location)
      }
      return try binary(name, try bind(left, rows), right, node.location)
    case "AEXPR_LIKE", "AEXPR_ILIKE", "AEXPR_SIMILAR": return try pattern(node, name, rows)
    case "AEXPR_IN":
      let list = try inList(node, node.node("rexpr")?.list("items") ?? [], rows)
      return Typed(name == "<>" ? .not(list) : list)
    case "AEXPR_OP_ANY", "AEXPR_OP_ALL": return Typed(try quantified(node, name, rows))
    case "AEXPR_BETWEEN", "AEXPR_NOT_BETWEEN", "AEXPR_BETWEEN_SYM", "AEXPR_NOT_BETWEEN_SYM":
      return Typed(try between(node, rows))
    case "AEXPR_DISTINCT": return Typed(try distinct(node, rows))
    case "AEXPR_NOT_DISTINCT": return Typed(.not(try distinct(node, rows)))
    case "AEXPR_NULLIF": return try nullIf(node, rows)
    default: throw error("this operator is not supported", node.location)
    }
  }

  private func operand(_ node: SyntaxNode, _ name: String, _ rows: Rows) throws -> Typed {
    guard let operand = node.node(name) else { throw error("an operand is missing", node.location) }
    return try bind(operand, rows)
  }

  /// - Throws: An error that names the types if there is no such operator for them.
  func binary(_ name: String, _ left: Typed, _ right: Typed, _ position: Int) throws -> Typed {
    switch name {
    case "!~~", "!~~*", "!~", "!~*":
      return Typed(.not(try call(String(name.dropFirst()), [left, right], position).expr))
    default: return try call(name, [left, right], position)
    }
  }

  func logic(_ node: SyntaxNode, _ rows: Rows) throws -> Expr {
    let operator_ = node.text("boolop")
    let word = operator_ == "AND_EXPR" ? "AND" : operator_ == "OR_EXPR" ? "OR" : "NOT"
    let clause = rows.clause
    rows.clause = word
    defer { rows.clause = clause }
    let operands = try node.list("args").map { try condition($0, rows) }
    switch word {
    case "AND": return .and(operands.flatMap(\.conjuncts))
    case "OR": return .or(operands)
    default:
      guard let operand = operands.first else { throw error("NOT needs an operand", node) }
      return .not(operand)
    }
  }

  func nullTest(_ node: SyntaxNode, _ rows: Rows) throws -> Expr {
    let test = Expr.isNull(try operand(node, "arg", rows).expr)
    return node.text("nulltesttype") == "IS_NOT_NULL" ? .not(test) : test
  }

  func booleanTest(_ node: SyntaxNode, _ rows: Rows) throws -> Expr {
    guard let argument = node.node("arg") else { throw error("an operand is missing", node) }
    let value = try condition(argument, rows)
    func isNot(_ constant: Bool) -> Expr {
      // Null is neither.
      let wanted = constant ? value : .not(value)
      return .conditional(
        Conditional([.init(.isNull(value), .no)], otherwise: wanted, .bool))
    }
    switch node.text("booltesttype") {
    case "IS_TRUE": return isNot(true)
    case "IS_NOT_TRUE": return .not(isNot(true))
    case "IS_FALSE": return isNot(false)
    case "IS_NOT_FALSE": return .not(isNot(false))
    case "IS_UNKNOWN": return .isNull(value)
    default: return .not(.isNull(value))
    }
  }

  /// LIKE, ILIKE and SIMILAR TO. ESCAPE comes from the grammar as a call around the pattern.
  private func pattern(_ node: SyntaxNode, _ name: String, _ rows: Rows) throws -> Typed {
    let value = try operand(node, "lexpr", rows)
    guard let right = node.node("rexpr") else { throw error("a pattern is missing", node.location) }
    var arguments = [right]
    let isSimilar = node.text("kind") == "AEXPR_SIMILAR"
    if right.kind == "FuncCall",
      ["like_escape", "similar_to_escape"].contains(right.strings("funcname").last)
    {
      arguments = right.list("args")
    }
    let bound = try arguments.map { try bind($0, rows) }
    let isNegated = name.hasPrefix("!")
    let function = isSimilar ? "similar to" : isNegated ? String(name.dropFirst()) : name
    let match = try call(function, [value] + bound, node.location)
    return isNegated ? Typed(.not(match.expr)) : match
  }

  private func between(_ node: SyntaxNode, _ rows: Rows) throws -> Expr {
    let value = try operand(node, "lexpr", rows)
    let bounds = try (node.node("rexpr")?.list("items") ?? []).map { try bind($0, rows) }
    guard bounds.count == 2 else { throw error("BETWEEN needs two bounds", node.location) }
    func range(_ low: Typed, _ high: Typed) throws -> Expr {
      .and([
        try binary(">=", value, low, node.location).expr, try binary("<=", value, high, node.location).expr,
      ])
    }
    let kind = node.text("kind") ?? ""
    let inside =
      kind.hasSuffix("_SYM")
      ? .or([try range(bounds[0], bounds[1]), try range(bounds[1], bounds[0])])
      : try range(bounds[0], bounds[1])
    return kind.hasPrefix("AEXPR_NOT") ? .not(inside) : inside
  }

  /// IS DISTINCT FROM: null is a value like others.
  private func distinct(_ node: SyntaxNode, _ rows: Rows) throws -> Expr {
    let left = try operand(node, "lexpr", rows)
    let right = try operand(node, "rexpr", rows)
    if case .literal(.null, _) = right.expr { return .not(.isNull(left.expr)) }
    if case .literal(.null, _) = left.expr { return .not(.isNull(right.expr)) }
    let differs = try binary("<>", left, right, node.location).expr
    return .conditional(
      Conditional(
        [
          .init(.and([.isNull(left.expr), .isNull(right.expr)]), .no),
          .init(.or([.isNull(left.expr), .isNull(right.expr)]), .yes),
        ], otherwise: differs, .bool))
  }

  private func nullIf(_ node: SyntaxNode, _ rows: Rows) throws -> Typed {
    let left = try operand(node, "lexpr", rows)
    let equal = try binary("=", left, try operand(node, "rexpr", rows), node.location).expr
    let type = left.expr.type
    return Typed(
      .conditional(Conditional([.init(equal, .literal(.null, type))], otherwise: left.expr, type)),
      name: "nullif")
  }
}
