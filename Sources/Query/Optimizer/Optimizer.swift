import Columns

/// Rewrites plans by rules that keep their results: constants are folded, joins get an order and keys, filters and columns move
/// towards the scans.
package enum Optimizer {
  package static func optimized(_ query: Query) -> Query {
    var query = query
    for index in query.subqueries.indices {
      let use = query.subqueries[index].use
      query.subqueries[index].plan = optimized(query.subqueries[index].plan, query.session)
      // For EXISTS, one row is enough.
      if use == .exists {
        query.subqueries[index].plan = .limit(query.subqueries[index].plan, Limit(count: 1, offset: 0))
      }
    }
    query.plan = optimized(query.plan, query.session)
    return query
  }

  private static func optimized(_ plan: LogicalPlan, _ session: SessionContext) -> LogicalPlan {
    var plan = ConstantFolding(session: session).folded(plan)
    // Conditions come to the joins that they belong to, and after the joins have their order, to the scans.
    plan = JoinOrder.ordered(FilterPushdown.pushed(plan))
    plan = FilterPushdown.pushed(plan)
    plan = ColumnPruning.pruned(plan)
    return ProjectionMerging.merged(plan)
  }
}
