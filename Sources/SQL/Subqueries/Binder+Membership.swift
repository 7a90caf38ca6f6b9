import Columns
import Query

extension Binder {
  /// Adds the condition of WHERE to the rows: whole-condition subqueries become semi and anti joins.
  func filter(_ node: SyntaxNode, _ rows: Rows) throws {
    var plain: [Expr] = []
    var links: [(SyntaxNode, isNegated: Bool)] = []
    for conjunct in conjuncts(node) {
      if let link = membership(conjunct) {
        links.append(link)
      } else {
        plain += try condition(conjunct, rows).conjuncts
      }
    }
    addFilter(plain, rows)
    for (link, isNegated) in links {
      if let condition = try join(link, isNegated, rows) { addFilter([condition], rows) }
    }
  }

  private func addFilter(_ conjuncts: [Expr], _ rows: Rows) {
    guard let condition = Expr.conjunction(conjuncts) else { return }
    rows.relation.plan = .filter(rows.relation.plan, condition)
  }

  func conjuncts(_ node: SyntaxNode) -> [SyntaxNode] {
    guard node.kind == "BoolExpr", node.text("boolop") == "AND_EXPR" else { return [node] }
    return node.list("args").flatMap(conjuncts)
  }

  /// The subquery of a condition that is `[NOT] EXISTS (…)` or `x [NOT] IN (…)` as a whole.
  func membership(_ node: SyntaxNode) -> (SyntaxNode, isNegated: Bool)? {
    switch node.kind {
    case "SubLink":
      let kind = node.text("subLinkType")
      return kind == "EXISTS_SUBLINK" || kind == "ANY_SUBLINK" ? (node, false) : nil
    case "BoolExpr" where node.text("boolop") == "NOT_EXPR":
      guard let inner = node.list("args").first.flatMap(membership) else { return nil }
      return (inner.0, !inner.isNegated)
    default: return nil
    }
  }

  /// - Returns: A condition, if the subquery does not become a join.
  private func join(_ link: SyntaxNode, _ isNegated: Bool, _ rows: Rows) throws -> Expr? {
    guard let select = link.node("subselect") else { throw error("a subquery is missing", link) }
    let isExists = link.text("subLinkType") == "EXISTS_SUBLINK"
    if isExists {
      if let list = try listQuery(select, .exists, rows, link.location) {
        return isNegated ? .not(list.expr) : list.expr
      }
      let plan = try query(select, outer: rows).plan
      guard Correlation.isCorrelated(plan) else {
        let test = add(plan, .exists, .bool, link.location)
        return isNegated ? .not(test) : test
      }
      let parts = try correlation(withoutLimit(plan), rows, link.location)
      // An aggregate without GROUP BY always has its row.
      if parts.correlation.whenEmpty != nil { return isNegated ? .no : .yes }
      rows.relation.plan = .join(
        rows.relation.plan, parts.correlation.plan,
        Join(isNegated ? .anti : .semi, keys: parts.keys, condition: .conjunction(parts.rest)))
      return nil
    }
    let (value, column, plan) = try inOperands(link, select, rows)
    let right = NamedExpr(plan.fields.first?.name ?? "key", column)
    guard Correlation.isCorrelated(plan) else {
      rows.relation.plan = .join(
        rows.relation.plan, .project(plan, [right]),
        Join(isNegated ? .nullAwareAnti : .semi, keys: [.init(value, .column(0, column.type))]))
      return nil
    }
    guard !isNegated else {
      throw error(
        "NOT IN over a subquery that depends on the rows around it is not supported", link.location,
        hint: "use NOT EXISTS")
    }
    let parts = try correlation(plan, rows, link.location)
    guard parts.correlation.whenEmpty == nil else {
      throw error("IN over an aggregate that depends on the rows around it is not supported", link.location)
    }
    rows.relation.plan = .join(
      rows.relation.plan, parts.correlation.plan,
      Join(.semi, keys: [.init(value, column)] + parts.keys, condition: .conjunction(parts.rest)))
    return nil
  }
}
