import Columns
import Query

extension Binder {
  /// An item that may see the columns of those before it: `unnest(t.list)`, `LATERAL (SELECT …)`.
  /// - Returns: nil for other items.
  func lateral(
    _ left: Relation, _ item: SyntaxNode, _ kind: Join.Kind, _ outer: Rows?
  ) throws -> Relation? {
    if let argument = unnestArgument(item) { return try unnest(left, argument, item, kind, outer) }
    guard item.kind == "RangeSubselect", item.flag("lateral"), let select = item.node("subquery") else {
      return nil
    }
    let rows = Rows(left, outer: outer, clause: "LATERAL")
    var right = try renamed(try query(select, outer: rows), item)
    try checkNames(left, right, item)
    guard kind == .inner || kind == .left else { throw error("LATERAL needs an inner or left join", item) }
    let width = left.plan.width
    if !Correlation.isCorrelated(right.plan) {
      var relation = cross(left, right)
      relation.plan = .join(left.plan, right.plan, Join(kind, keys: []))
      return relation
    }
    if kind == .inner, let plan = grafted(right.plan, onto: left.plan, width) {
      return Relation(plan, left.scope.joined(right.scope, width: width))
    }
    if let join = try asof(right.plan, kind, rows, item) {
      right.plan = join
      return Relation(join, left.scope.joined(right.scope, width: width))
    }
    let parts = try correlation(right.plan, rows, item.nearestLocation)
    guard parts.correlation.whenEmpty == nil else {
      throw error(
        "an aggregate in LATERAL that depends on the rows before it is not supported", item,
        hint: "write it as a scalar subquery")
    }
    return Relation(
      .join(
        left.plan, parts.correlation.plan,
        Join(kind, keys: parts.keys, condition: .conjunction(parts.rest))),
      left.scope.joined(right.scope, width: width))
  }

  /// The ON of a lateral join.
  func lateralCondition(
    _ relation: Relation, _ node: SyntaxNode, _ kind: Join.Kind, _ outer: Rows?
  ) throws -> Relation {
    if node.has("usingClause") || node.flag("isNatural") {
      throw error("a lateral join takes ON, not USING or NATURAL", node)
    }
    guard let quals = node.node("quals") else { return relation }
    let rows = Rows(relation, outer: outer, clause: "ON")
    let conjuncts = try condition(quals, rows).conjuncts.filter { $0 != .yes }
    guard let condition = Expr.conjunction(conjuncts) else { return relation }
    guard kind == .inner else { throw error("a left join with LATERAL or unnest needs ON true", quals) }
    return Relation(.filter(relation.plan, condition), relation.scope)
  }

  private func unnest(
    _ left: Relation, _ argument: SyntaxNode, _ item: SyntaxNode, _ kind: Join.Kind, _ outer: Rows?
  ) throws -> Relation {
    guard kind == .inner || kind == .left else { throw error("unnest needs an inner or left join", item) }
    let rows = Rows(left, outer: outer, clause: "unnest")
    let list = try bind(argument, rows)
    guard case .list(let element) = list.expr.type, !list.isUntyped else {
      throw error("unnest needs a list, not \(list.expr.type.sqlName)", argument)
    }
    let width = rows.relation.plan.width
    let scope = try elementScope(item, element, element: width, ordinality: width + 1)
    for table in scope.tables where left.scope.tables.contains(table) {
      throw error("table name \"\(table)\" is used twice; give one of them an alias", item)
    }
    let name = scope.tables.first ?? "unnest"
    let unnest = Unnest(
      list: list.expr, names: [name], expandsStructs: false,
      ordinality: item.flag("ordinality") ? "ordinality" : nil, isOuter: kind == .left)
    return Relation(
      .unnest(rows.relation.plan, unnest),
      Scope(left.scope.entries + scope.entries, tables: left.scope.tables + scope.tables))
  }

  /// A subquery without rows of its own, such as `SELECT … FROM unnest(t.list) WHERE …`, is computed beside the left rows.
  /// - Returns: Columns of the left, then those of the subquery; nil if it has another form.
  private func grafted(_ plan: LogicalPlan, onto left: LogicalPlan, _ width: Int) -> LogicalPlan? {
    func moved(_ expr: Expr) -> Expr {
      expr.replacingColumns { index, type in
        switch index {
        case ..<Expr.outerBase: .column(index + width, type)
        case Expr.elementBase...: .column(index, type)
        default: .column(index - Expr.outerBase, type)
        }
      }
    }
    switch plan {
    case .values(let rows) where rows.fields.isEmpty && rows.rows.count == 1: return left
    case .filter(let input, let condition):
      return grafted(input, onto: left, width).map { .filter($0, moved(condition)) }
    case .project(let input, let columns):
      let kept = left.fields.enumerated().map { NamedExpr($1.name, .column($0, $1.type)) }
      return grafted(input, onto: left, width).map {
        .project($0, kept + columns.map { NamedExpr($0.name, moved($0.expr)) })
      }
    case .unnest(let input, var unnest):
      unnest.list = moved(unnest.list)
      return grafted(input, onto: left, width).map { .unnest($0, unnest) }
    default: return nil
    }
  }
}
