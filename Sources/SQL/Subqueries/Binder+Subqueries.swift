import Columns
import Query

extension Binder {
  /// A subquery in an expression. (Those that are whole conditions of WHERE are joins: ``membership(_:_:)``.)
  func subquery(_ node: SyntaxNode, _ rows: Rows) throws -> Typed {
    guard let select = node.node("subselect") else { throw error("a subquery is missing", node) }
    switch node.text("subLinkType") {
    case "EXPR_SUBLINK":
      if let list = try listQuery(select, .scalar, rows, node.location) { return list }
      return try scalar(select, rows, node.location)
    case "EXISTS_SUBLINK":
      if let list = try listQuery(select, .exists, rows, node.location) { return list }
      return Typed(try exists(select, rows, node.location), name: "exists")
    case "ANY_SUBLINK":
      return Typed(try isIn(node, select, rows))
    case "ARRAY_SUBLINK":
      throw error("ARRAY(subquery) is not supported", node, hint: "use array_agg")
    case "ALL_SUBLINK":
      throw error("ALL (subquery) is not supported", node, hint: "compare with min or max of the subquery")
    default: throw error("this kind of subquery is not supported", node)
    }
  }

  private func scalar(_ select: SyntaxNode, _ rows: Rows, _ position: Int) throws -> Typed {
    let relation = try query(select, outer: rows)
    let visible = relation.scope.entries
    guard visible.count == 1, let column = visible.first else {
      throw error("the subquery must give one column, not \(visible.count)", position)
    }
    guard Correlation.isCorrelated(relation.plan) else {
      return Typed(add(relation.plan, .scalar, column.expr.type, position), name: column.name)
    }
    let parts = try correlation(relation.plan, rows, position)
    guard let empty = parts.correlation.whenEmpty?.first else {
      throw error(
        "a subquery that depends on the rows around it must be an aggregate, as it may give more than one row",
        position)
    }
    guard parts.rest.isEmpty, let key = parts.keys.first else {
      throw error("this subquery depends on the rows around it in an unsupported way", position)
    }
    let base = rows.relation.plan.width
    rows.relation.plan = .join(
      rows.relation.plan, parts.correlation.plan, Join(.left, keys: parts.keys, condition: nil))
    let type = column.expr.type
    let value = Expr.column(base, type)
    if case .literal(.null, _) = empty { return Typed(value, name: column.name) }
    let isMatched = Expr.not(.isNull(key.right.shifted(by: base)))
    return Typed(
      .conditional(Conditional([.init(isMatched, value)], otherwise: empty, type)), name: column.name)
  }

  private func exists(_ select: SyntaxNode, _ rows: Rows, _ position: Int) throws -> Expr {
    let plan = try query(select, outer: rows).plan
    guard Correlation.isCorrelated(plan) else { return add(plan, .exists, .bool, position) }
    let parts = try correlation(withoutLimit(plan), rows, position)
    guard parts.rest.isEmpty, let key = parts.keys.first else {
      throw error(
        "EXISTS over conditions other than equality is only supported as a condition of WHERE", position)
    }
    let base = rows.relation.plan.width
    let groups = parts.keys.enumerated().map { NamedExpr("key\($0 + 1)", $1.right) }
    let keys = parts.keys.enumerated().map { Join.Key($1.left, .column($0, $1.right.type)) }
    rows.relation.plan = .join(
      rows.relation.plan, .aggregate(parts.correlation.plan, Aggregation(groups: groups, calls: [])),
      Join(.left, keys: keys))
    return .not(.isNull(.column(base, key.right.type)))
  }

  /// `x IN (SELECT …)` within an expression: a left join with the distinct values.
  private func isIn(_ node: SyntaxNode, _ select: SyntaxNode, _ rows: Rows) throws -> Expr {
    let position = node.location
    let (value, column, plan) = try inOperands(node, select, rows)
    guard !Correlation.isCorrelated(plan) else {
      throw error(
        "an IN subquery that depends on the rows around it is only supported as a condition of WHERE",
        position)
    }
    if value.columns.isEmpty, !value.refersToOuterRows, value.isLiteral || !rows.canJoin {
      throw error("IN (subquery) over a constant is not supported", position)
    }
    guard rows.canJoin else { throw error("IN (subquery) is not supported in \(rows.clause)", position) }
    let base = rows.relation.plan.width
    let groups = [NamedExpr("key", column)]
    rows.relation.plan = .join(
      rows.relation.plan, .aggregate(plan, Aggregation(groups: groups, calls: [])),
      Join(.left, keys: [.init(value, .column(0, column.type))]))
    let hasRow = add(plan, .exists, .bool, position)
    let hasNull = add(.filter(plan, .isNull(column)), .exists, .bool, position)
    let null = Expr.literal(.null, .bool)
    return .conditional(
      Conditional(
        [
          .init(.not(.isNull(.column(base, column.type))), .yes), .init(.not(hasRow), .no),
          .init(.or([.isNull(value), hasNull]), null),
        ], otherwise: .no, .bool))
  }

  /// Both sides of IN, cast to one type: the value over the rows, the column over the subquery.
  func inOperands(
    _ node: SyntaxNode, _ select: SyntaxNode, _ rows: Rows
  ) throws -> (value: Expr, column: Expr, plan: LogicalPlan) {
    guard let test = node.node("testexpr") else { throw error("IN needs a value", node) }
    guard test.kind != "RowExpr" else {
      throw error("(a, b) IN (subquery) is not supported", test, hint: "use EXISTS with two conditions")
    }
    if let name = node.strings("operName").last, name != "=" {
      throw error(
        "\(name) ANY (subquery) is not supported", node, hint: "compare with min or max of the subquery")
    }
    let value = try bind(test, rows)
    let relation = try query(select, outer: rows)
    guard relation.scope.entries.count == 1, let column = relation.scope.entries.first else {
      throw error("the subquery must give one column, not \(relation.scope.entries.count)", node)
    }
    guard let type = ColumnType.common([value.type, relation.untyped.contains(0) ? nil : column.expr.type])
    else {
      throw error(
        "IN types \(value.expr.type.sqlName) and \(column.expr.type.sqlName) cannot be matched", node.location
      )
    }
    return (
      try coerce(value, to: type, node.location), try coerce(Typed(column.expr), to: type, node.location),
      relation.plan
    )
  }

  /// Registers an uncorrelated subquery.
  func add(_ plan: LogicalPlan, _ use: Query.Subquery.Use, _ type: ColumnType, _ position: Int) -> Expr {
    shared.subqueries.append(Query.Subquery(plan: plan, use: use, position: mark(position)))
    return .subquery(shared.subqueries.count - 1, type)
  }

  struct CorrelationParts {
    var correlation: Correlation
    var keys: [Join.Key]
    var rest: [Expr]
  }

  /// Takes a correlated subquery apart for a join with the rows.
  func correlation(_ plan: LogicalPlan, _ rows: Rows, _ position: Int) throws -> CorrelationParts {
    guard rows.canJoin, !rows.isListQuery else {
      throw error(
        "a subquery that depends on the rows around it is not supported in \(rows.clause)", position)
    }
    do {
      let correlation = try Correlation(plan)
      let width = rows.relation.plan.width
      let conditions = try correlation.joined(width)
      let (keys, rest) = JoinKeys.split(conditions, leftWidth: width)
      return CorrelationParts(correlation: correlation, keys: keys, rest: rest)
    } catch let unsupported as Correlation.Unsupported {
      throw error(
        "this subquery depends on the rows around it in an unsupported way (\(unsupported.reason))", position)
    }
  }

  /// For EXISTS, which asks for one row only.
  func withoutLimit(_ plan: LogicalPlan) -> LogicalPlan {
    switch plan {
    case .limit(let input, let limit) where limit.offset == 0 && limit.count != 0: withoutLimit(input)
    case .project(let input, _): withoutLimit(input)
    case .sort(let input, _): withoutLimit(input)
    default: plan
    }
  }
}
