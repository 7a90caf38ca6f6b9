import Columns

/// Leaves out the columns that nothing reads, so that scans read only what is needed.
enum ColumnPruning {
  static func pruned(_ plan: LogicalPlan) -> LogicalPlan {
    let width = plan.width
    let (result, positions) = pruned(plan, Set(0..<width))
    // The root keeps its columns and their order.
    guard (0..<width).contains(where: { positions[$0] != $0 }) || result.width != width else {
      return result
    }
    return .project(
      result,
      plan.fields.enumerated().map { NamedExpr($1.name, .column(positions[$0] ?? $0, $1.type)) })
  }

  /// - Returns: A plan with at least the wanted columns, and where each of them is.
  private static func pruned(
    _ plan: LogicalPlan, _ wanted: Set<Int>
  ) -> (LogicalPlan, [Int: Int]) {
    switch plan {
    case .scan(var scan):
      let kept = scan.columns.indices.filter { wanted.union(scan.filter?.columns ?? []).contains($0) }
      let positions = numbered(kept)
      scan.columns = kept.map { scan.columns[$0] }
      scan.filter = scan.filter.map { moved($0, positions) }
      return (.scan(scan), positions)
    case .values(var rows):
      let kept = rows.fields.indices.filter(wanted.contains)
      rows.fields = kept.map { rows.fields[$0] }
      rows.rows = rows.rows.map { row in kept.map { row[$0] } }
      return (.values(rows), numbered(kept))
    case .filter(let input, let condition):
      let (below, positions) = pruned(input, wanted.union(condition.columns))
      return (.filter(below, moved(condition, positions)), positions)
    case .project(let input, let columns):
      let kept = columns.indices.filter(wanted.contains)
      let (below, positions) = pruned(input, union(kept.map { columns[$0].expr }))
      return (
        .project(below, kept.map { NamedExpr(columns[$0].name, moved(columns[$0].expr, positions)) }),
        numbered(kept)
      )
    case .aggregate(let input, let aggregation): return pruned(input, aggregation, wanted)
    case .sort(let input, let keys):
      let (below, positions) = pruned(input, wanted.union(union(keys.map(\.expr))))
      return (.sort(below, keys.map { moved($0, positions) }), positions)
    case .limit(let input, let limit):
      let (below, positions) = pruned(input, wanted)
      return (.limit(below, limit), positions)
    case .join(let left, let right, let join): return pruned(left, right, join, wanted)
    case .unionAll(let inputs):
      let kept = wanted.sorted()
      return (
        .unionAll(
          inputs.map { input in
            let (below, positions) = pruned(input, wanted)
            let fields = below.fields
            guard fields.count != kept.count || kept.enumerated().contains(where: { positions[$1] != $0 })
            else {
              return below
            }
            return .project(
              below,
              kept.map {
                let position = positions[$0] ?? $0
                return NamedExpr(fields[position].name, .column(position, fields[position].type))
              })
          }), numbered(kept)
      )
    case .unnest(let input, var unnest):
      let width = input.width
      let (below, positions) = pruned(
        input, Set(wanted.filter { $0 < width }).union(unnest.list.columns))
      unnest.list = moved(unnest.list, positions)
      var all = positions
      let newWidth = below.width
      let needsOrdinality = unnest.ordinality != nil && wanted.contains(width + unnest.fields.count - 1)
      if !needsOrdinality { unnest.ordinality = nil }
      for added in unnest.fields.indices { all[width + added] = newWidth + added }
      return (.unnest(below, unnest), all)
    }
  }

  private static func pruned(
    _ input: LogicalPlan, _ aggregation: Aggregation, _ wanted: Set<Int>
  ) -> (LogicalPlan, [Int: Int]) {
    // Groups decide what rows there are, so only calls can go.
    let groups = aggregation.groups.count
    let kept = aggregation.calls.indices.filter { wanted.contains(groups + $0) }
    var aggregation = aggregation
    aggregation.calls = kept.map { aggregation.calls[$0] }
    let own = LogicalPlan.aggregate(input, aggregation)
    let (below, positions) = pruned(input, union(own.expressions))
    var all = Dictionary(uniqueKeysWithValues: (0..<groups).map { ($0, $0) })
    for (position, call) in kept.enumerated() { all[groups + call] = groups + position }
    let result = own.mappingExpressions { expr, _ in moved(expr, positions) }
    guard case .aggregate(_, let changed) = result else { return (own, all) }
    return (.aggregate(below, changed), all)
  }

  private static func pruned(
    _ left: LogicalPlan, _ right: LogicalPlan, _ join: Join, _ wanted: Set<Int>
  ) -> (LogicalPlan, [Int: Int]) {
    let width = left.width
    let both = wanted.union(join.condition?.columns ?? [])
    let ordered = join.asof.map { [$0] } ?? []
    let keys = join.keys + ordered
    let (a, leftPositions) = pruned(left, Set(both.filter { $0 < width }).union(union(keys.map(\.left))))
    let (b, rightPositions) = pruned(
      right, Set(both.filter { $0 >= width }.map { $0 - width }).union(union(keys.map(\.right))))
    var positions = leftPositions
    let newWidth = a.fields.count
    for (old, new) in rightPositions { positions[width + old] = newWidth + new }
    func changed(_ key: Join.Key) -> Join.Key {
      Join.Key(moved(key.left, leftPositions), moved(key.right, rightPositions))
    }
    var result = join
    result.keys = join.keys.map(changed)
    result.asof = join.asof.map(changed)
    result.condition = join.condition.map { moved($0, positions) }
    return (.join(a, b, result), positions)
  }

  private static func numbered(_ kept: [Int]) -> [Int: Int] {
    Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
  }

  private static func union(_ exprs: [Expr]) -> Set<Int> {
    exprs.reduce(into: []) { $0.formUnion($1.columns) }
  }

  private static func moved(_ expr: Expr, _ positions: [Int: Int]) -> Expr {
    expr.replacingColumns { index, type in .column(positions[index] ?? index, type) }
  }

  private static func moved(_ key: SortKey, _ positions: [Int: Int]) -> SortKey {
    SortKey(moved(key.expr, positions), isDescending: key.isDescending, nullsFirst: key.nullsFirst)
  }
}
