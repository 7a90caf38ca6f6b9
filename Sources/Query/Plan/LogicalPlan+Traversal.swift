// Walking over plans, for the binder, the optimizer and EXPLAIN.
extension LogicalPlan {
  package var inputs: [LogicalPlan] {
    switch self {
    case .scan, .values: []
    case .filter(let input, _), .project(let input, _), .aggregate(let input, _), .sort(let input, _),
      .limit(let input, _), .unnest(let input, _):
      [input]
    case .join(let left, let right, _): [left, right]
    case .unionAll(let inputs): inputs
    }
  }

  /// The number of columns: `fields.count`, but cheap.
  package var width: Int {
    switch self {
    case .scan(let scan): scan.columns.count
    case .values(let rows): rows.fields.count
    case .filter(let input, _), .sort(let input, _), .limit(let input, _): input.width
    case .project(_, let columns): columns.count
    case .aggregate(_, let aggregation): aggregation.groups.count + aggregation.calls.count
    case .join(let left, let right, let join):
      switch join.kind {
      case .semi, .anti, .nullAwareAnti: left.width
      case .inner, .left, .right, .full, .asof: left.width + right.width
      }
    case .unionAll(let inputs): inputs.first?.width ?? 0
    case .unnest(let input, let unnest): input.width + unnest.fields.count
    }
  }

  /// The same node over other inputs.
  package func mappingInputs(_ transform: (LogicalPlan) throws -> LogicalPlan) rethrows -> LogicalPlan {
    switch self {
    case .scan, .values: self
    case .filter(let input, let condition): .filter(try transform(input), condition)
    case .project(let input, let columns): .project(try transform(input), columns)
    case .aggregate(let input, let aggregation): .aggregate(try transform(input), aggregation)
    case .sort(let input, let keys): .sort(try transform(input), keys)
    case .limit(let input, let limit): .limit(try transform(input), limit)
    case .join(let left, let right, let join): .join(try transform(left), try transform(right), join)
    case .unionAll(let inputs): .unionAll(try inputs.map(transform))
    case .unnest(let input, let unnest): .unnest(try transform(input), unnest)
    }
  }

  /// The node with its own expressions rewritten. `transform` gets the number of columns that an expression may refer to.
  package func mappingExpressions(_ transform: (Expr, _ width: Int) throws -> Expr) rethrows -> LogicalPlan {
    switch self {
    case .scan(var scan):
      scan.filter = try scan.filter.map { try transform($0, scan.columns.count) }
      return .scan(scan)
    case .values(var rows):
      rows.rows = try rows.rows.map { try $0.map { try transform($0, 0) } }
      return .values(rows)
    case .filter(let input, let condition):
      return .filter(input, try transform(condition, input.width))
    case .project(let input, let columns):
      let width = input.width
      return .project(input, try columns.map { NamedExpr($0.name, try transform($0.expr, width)) })
    case .aggregate(let input, var aggregation):
      let width = input.width
      aggregation.groups = try aggregation.groups.map { NamedExpr($0.name, try transform($0.expr, width)) }
      aggregation.calls = try aggregation.calls.map { call in
        var call = call
        call.arguments = try call.arguments.map { try transform($0, width) }
        call.filter = try call.filter.map { try transform($0, width) }
        call.order = try call.order.map { key in
          SortKey(try transform(key.expr, width), isDescending: key.isDescending, nullsFirst: key.nullsFirst)
        }
        return call
      }
      return .aggregate(input, aggregation)
    case .sort(let input, let keys):
      let width = input.width
      return .sort(
        input,
        try keys.map {
          SortKey(try transform($0.expr, width), isDescending: $0.isDescending, nullsFirst: $0.nullsFirst)
        })
    case .limit: return self
    case .join(let left, let right, var join):
      let (leftWidth, rightWidth) = (left.width, right.width)
      func mapped(_ key: Join.Key) throws -> Join.Key {
        Join.Key(try transform(key.left, leftWidth), try transform(key.right, rightWidth))
      }
      join.keys = try join.keys.map(mapped)
      join.condition = try join.condition.map { try transform($0, leftWidth + rightWidth) }
      join.asof = try join.asof.map(mapped)
      return .join(left, right, join)
    case .unionAll: return self
    case .unnest(let input, var unnest):
      unnest.list = try transform(unnest.list, input.width)
      return .unnest(input, unnest)
    }
  }

  /// The node's own expressions.
  package var expressions: [Expr] {
    switch self {
    case .scan(let scan): scan.filter.map { [$0] } ?? []
    case .values(let rows): rows.rows.flatMap { $0 }
    case .filter(_, let condition): [condition]
    case .project(_, let columns): columns.map(\.expr)
    case .aggregate(_, let aggregation):
      aggregation.groups.map(\.expr)
        + aggregation.calls.flatMap { $0.arguments + ($0.filter.map { [$0] } ?? []) + $0.order.map(\.expr) }
    case .sort(_, let keys): keys.map(\.expr)
    case .limit, .unionAll: []
    case .join(_, _, let join):
      join.keys.flatMap { [$0.left, $0.right] } + (join.condition.map { [$0] } ?? [])
        + (join.asof.map { [$0.left, $0.right] } ?? [])
    case .unnest(_, let unnest): [unnest.list]
    }
  }
}
