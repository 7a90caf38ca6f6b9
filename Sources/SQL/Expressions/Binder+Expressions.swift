import Columns
import Query

extension Binder {
  /// Binds an expression over rows.
  func bind(_ node: SyntaxNode, _ rows: Rows) throws -> Typed {
    try nested(node) {
      switch node.kind {
      case "A_Const": try constant(node)
      case "ColumnRef": try columnReference(node, rows)
      case "A_Expr": try operation(node, rows)
      case "BoolExpr": Typed(try logic(node, rows))
      case "NullTest": Typed(try nullTest(node, rows))
      case "BooleanTest": Typed(try booleanTest(node, rows))
      case "TypeCast": try typeCast(node, rows)
      case "FuncCall": try functionCall(node, rows)
      case "CaseExpr": try caseExpression(node, rows)
      case "CoalesceExpr": try coalesce(node, rows)
      case "MinMaxExpr":
        try call(
          node.text("op") == "IS_LEAST" ? "least" : "greatest",
          try node.list("args").map { try bind($0, rows) },
          node.location)
      case "SQLValueFunction": try valueFunction(node)
      case "RowExpr": try row(node, rows)
      case "A_ArrayExpr": try array(node, rows)
      case "A_Indirection": try indirection(node, rows)
      case "SubLink": try subquery(node, rows)
      case "GroupingFunc": try grouping(node, rows)
      case "CollateClause": try collation(node, rows)
      case "ParamRef": throw error("parameters such as $1 are not supported", node)
      case "SetToDefault": throw error("DEFAULT is not allowed here", node)
      case "NamedArgExpr":
        throw error("only read_csv, read_json and read_parquet take named arguments", node)
      default: throw error("this kind of expression is not supported", node)
      }
    }
  }

  /// An expression whose type must be boolean.
  func condition(_ node: SyntaxNode, _ rows: Rows) throws -> Expr {
    let bound = try bind(node, rows)
    guard bound.isUntyped || bound.expr.type == .bool else {
      throw error("\(rows.clause) needs a boolean, not \(bound.expr.type.sqlName)", node)
    }
    return try coerce(bound, to: .bool, node.nearestLocation)
  }

  /// The expression as a value of a type; untyped text becomes text.
  func settled(_ bound: Typed) -> Expr { bound.expr }

  /// - Parameter position: For errors and at run time.
  func coerce(_ bound: Typed, to type: ColumnType, _ position: Int) throws -> Expr {
    if bound.expr.type == type { return bound.expr }
    if case .literal(let value, let own) = bound.expr {
      if value.isNull { return .literal(.null, type) }
      // Long lists of integers are common, and need no evaluation.
      if own.isInteger, type == .int64 || own == .int16 && type == .int32 { return .literal(value, type) }
    }
    let position = bound.isUntyped ? bound.position ?? position : position
    return try fold(.cast(Cast(bound.expr, type, position: mark(position))), position)
  }

  /// Casts all to their common type.
  /// - Parameter what: For errors: `CASE`.
  func unify(_ bound: [(Typed, SyntaxNode)], _ what: String) throws -> [Expr] {
    guard let type = ColumnType.common(bound.map(\.0.type)) else {
      var known: ColumnType?
      for (typed, node) in bound {
        guard let type = typed.type else { continue }
        if let known, ColumnType.common([known, type]) == nil {
          throw error("\(what) types \(known.sqlName) and \(type.sqlName) cannot be matched", node)
        }
        known = known.flatMap { ColumnType.common([$0, type]) } ?? type
      }
      throw error("\(what) types cannot be matched", bound.first?.1.nearestLocation ?? 0)
    }
    return try bound.map { try coerce($0.0, to: type, $0.1.nearestLocation) }
  }

  /// A call of a function or operator of the registry.
  func call(_ name: String, _ arguments: [Typed], _ position: Int) throws -> Typed {
    let resolved: ResolvedFunction
    do {
      resolved = try Functions.resolve(name, argumentTypes: arguments.map(\.type))
    } catch {
      let types = arguments.map { $0.type?.sqlName ?? "unknown" }
      if !(name.first?.isLetter ?? true), let last = types.last, Functions.isKnown(name) {
        let call = types.count == 2 ? "\(types[0]) \(name) \(last)" : "\(name) \(last)"
        throw self.error("there is no operator \(call)", position, hint: castHint(arguments))
      }
      throw self.error(error, position)
    }
    let values = try zip(arguments, resolved.arguments).map { try coerce($0, to: $1, position) }
    return Typed(.call(FunctionCall(name, values, resolved.result, position: mark(position))))
  }

  /// PostgreSQL never casts text of columns to numbers or times by itself.
  private func castHint(_ arguments: [Typed]) -> String? {
    let types = arguments.compactMap(\.type)
    guard types.count == 2, types[0] != types[1], types.contains(.string),
      let other = types.first(where: { $0 != .string }), !other.isNested
    else { return nil }
    return "cast the text: …::\(other.sqlName)"
  }

  private func collation(_ node: SyntaxNode, _ rows: Rows) throws -> Typed {
    guard let argument = node.node("arg") else { throw error("COLLATE needs an expression", node) }
    let names = node.node("collname").map { [$0] } ?? node.list("collname")
    let name = names.last?.string ?? ""
    guard ["C", "POSIX", "ucs_basic", "c"].contains(name) else {
      throw error("text is compared by its bytes; the only collation is \"C\", not \"\(name)\"", node)
    }
    return try bind(argument, rows)
  }
}
