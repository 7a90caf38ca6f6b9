import Columns
import Query

extension Binder {
  /// Recognises `LATERAL (SELECT … FROM b WHERE b.k = a.k AND b.t <= a.t ORDER BY b.t DESC LIMIT 1)`: the last row of b at or before
  /// each row of a.
  /// - Returns: The join of the left rows with the subquery; nil for a subquery without LIMIT.
  func asof(_ plan: LogicalPlan, _ kind: Join.Kind, _ rows: Rows, _ item: SyntaxNode) throws -> LogicalPlan? {
    var outputs: [NamedExpr] = plan.fields.enumerated().map { NamedExpr($1.name, .column($0, $1.type)) }
    var plan = plan
    while case .project(let input, let columns) = plan {
      outputs = Self.composed(outputs, columns)
      plan = input
    }
    guard case .limit(let sorted, let limit) = plan else { return nil }
    func unsupported(_ reason: String) -> SQLError {
      error(
        "this LATERAL subquery is not supported (\(reason))", item,
        hint: "with LIMIT it must be: WHERE b.key = a.key AND b.time <= a.time ORDER BY b.time DESC LIMIT 1")
    }
    guard limit == Limit(count: 1, offset: 0), case .sort(var input, let keys) = sorted, let key = keys.first
    else {
      throw unsupported("it needs ORDER BY and LIMIT 1")
    }
    guard keys.count == 1, key.isDescending else { throw unsupported("it needs one descending ORDER BY") }
    var order = key.expr
    while case .project(let below, let columns) = input {
      outputs = Self.composed(outputs, columns)
      order = Self.composed([NamedExpr("order", order)], columns)[0].expr
      input = below
    }
    let parts = try correlation(input, rows, item.nearestLocation)
    let width = rows.relation.plan.width
    guard parts.rest.count == 1, let bound = try asofKey(parts.rest[0], order, width) else {
      throw unsupported(
        "beside equalities, it needs one condition that bounds the ORDER BY column from above")
    }
    // The columns of the subquery, one that is never null if there is a match, the keys.
    var columns = outputs + [NamedExpr("matched", .yes), NamedExpr("asof", bound.right)]
    let base = columns.count
    columns += parts.keys.enumerated().map { NamedExpr("key\($0 + 1)", $1.right) }
    let joinKeys = parts.keys.enumerated().map { Join.Key($1.left, .column(base + $0, $1.right.type)) }
    let join = LogicalPlan.join(
      rows.relation.plan, .project(parts.correlation.plan, columns),
      Join(
        .asof, keys: joinKeys,
        asof: Join.Key(bound.left, .column(outputs.count + 1, bound.right.type))))
    guard kind == .inner else { return join }
    return .filter(join, .not(.isNull(.column(width + outputs.count, .bool))))
  }

  /// `b.t <= a.t` or `a.t >= b.t`, with `b.t` the order.
  private func asofKey(_ condition: Expr, _ order: Expr, _ width: Int) throws -> Join.Key? {
    guard case .call(let call) = condition, call.arguments.count == 2, call.name == "<=" || call.name == ">="
    else { return nil }
    let right = call.name == "<=" ? call.arguments[0] : call.arguments[1]
    let left = call.name == "<=" ? call.arguments[1] : call.arguments[0]
    guard left.isOver(..<width), right.isOver(width...) else { return nil }
    var compared = right.shifted(by: -width).withoutPositions
    // The comparison may have widened the type, which keeps the order.
    if case .cast(let cast) = compared, compared != order.withoutPositions { compared = cast.value }
    guard compared == order.withoutPositions, let type = ColumnType.common([left.type, right.type]) else {
      return nil
    }
    return Join.Key(
      try coerce(Typed(left), to: type, Int(call.position)),
      try coerce(Typed(right.shifted(by: -width)), to: type, Int(call.position)))
  }

  private static func composed(_ outer: [NamedExpr], _ inner: [NamedExpr]) -> [NamedExpr] {
    outer.map { column in
      NamedExpr(
        column.name,
        column.expr.replacingColumns { index, type in
          inner.indices.contains(index) ? inner[index].expr : .column(index, type)
        })
    }
  }
}
