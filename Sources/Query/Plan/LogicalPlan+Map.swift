extension LogicalPlan {
  /// The plan with every expression replaced.
  package func mapExpressions(_ transform: (Expr) throws -> Expr) rethrows -> LogicalPlan {
    func mapped(_ plan: LogicalPlan) throws -> LogicalPlan { try plan.mapExpressions(transform) }
    func mapped(_ columns: [NamedExpr]) throws -> [NamedExpr] {
      try columns.map { NamedExpr($0.name, try transform($0.expr)) }
    }
    func mapped(_ keys: [SortKey]) throws -> [SortKey] {
      try keys.map {
        SortKey(try transform($0.expr), isDescending: $0.isDescending, nullsFirst: $0.nullsFirst)
      }
    }
    switch self {
    case .scan(var scan):
      scan.filter = try scan.filter.map(transform)
      return .scan(scan)
    case .values(var rows):
      rows.rows = try rows.rows.map { try $0.map(transform) }
      return .values(rows)
    case .filter(let input, let condition): return .filter(try mapped(input), try transform(condition))
    case .project(let input, let columns): return .project(try mapped(input), try mapped(columns))
    case .aggregate(let input, var aggregation):
      aggregation.groups = try mapped(aggregation.groups)
      aggregation.calls = try aggregation.calls.map { call in
        var call = call
        call.arguments = try call.arguments.map(transform)
        call.filter = try call.filter.map(transform)
        call.order = try mapped(call.order)
        return call
      }
      return .aggregate(try mapped(input), aggregation)
    case .sort(let input, let keys): return .sort(try mapped(input), try mapped(keys))
    case .limit(let input, let limit): return .limit(try mapped(input), limit)
    case .join(let left, let right, var join):
      join.keys = try join.keys.map { Join.Key(try transform($0.left), try transform($0.right)) }
      join.condition = try join.condition.map(transform)
      join.asof = try join.asof.map { Join.Key(try transform($0.left), try transform($0.right)) }
      return .join(try mapped(left), try mapped(right), join)
    case .unionAll(let inputs): return .unionAll(try inputs.map(mapped))
    case .unnest(let input, var unnest):
      unnest.list = try transform(unnest.list)
      return .unnest(try mapped(input), unnest)
    }
  }
}
