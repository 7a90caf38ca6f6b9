import Query

extension Binder {
  /// The conditions of HAVING; whole-condition IN subqueries become joins after the aggregation.
  func having(_ node: SyntaxNode, _ rows: Rows) throws -> [HavingCondition] {
    try conjuncts(node).map { conjunct in
      rows.firstPositions = [:]
      rows.clause = "HAVING"
      if let (link, isNegated) = membership(conjunct), link.text("subLinkType") == "ANY_SUBLINK",
        let select = link.node("subselect")
      {
        let (value, column, plan) = try inOperands(link, select, rows)
        guard !Correlation.isCorrelated(plan) else {
          throw error("a subquery that depends on the rows around it is not supported in HAVING", link)
        }
        return HavingCondition(
          expr: value,
          membership: .init(plan: .project(plan, [NamedExpr("key", column)]), isNegated: isNegated),
          positions: rows.firstPositions)
      }
      let expr = try condition(conjunct, rows)
      return HavingCondition(expr: expr, membership: nil, positions: rows.firstPositions)
    }
  }
}
