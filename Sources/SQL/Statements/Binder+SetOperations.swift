import Columns
import Query

extension Binder {
  /// UNION, INTERSECT, EXCEPT.
  func setOperation(_ node: SyntaxNode, _ outer: Rows?) throws -> Relation {
    let isAll = node.flag("all")
    let word =
      switch node.text("op") {
      case "SETOP_UNION": "UNION"
      case "SETOP_INTERSECT": "INTERSECT"
      default: "EXCEPT"
      }
    // A chain of UNION ALL is one node.
    var branches: [SyntaxNode] = []
    var current = node
    while let left = current.node("larg"), let right = current.node("rarg") {
      branches.append(right)
      if word == "UNION", isAll, left.text("op") == "SETOP_UNION", left.flag("all"), !left.has("sortClause"),
        !left.has("limitCount"), !left.has("limitOffset"), !left.has("withClause")
      {
        current = left
      } else {
        branches.append(left)
        break
      }
    }
    branches.reverse()
    let relations = try branches.map { try query($0, outer: outer) }
    let aligned = try align(relations, branches, word)
    guard word != "UNION" || !isAll else { return aligned.relation(.unionAll(aligned.plans)) }
    if word == "UNION" { return aligned.relation(distinct(.unionAll(aligned.plans))) }
    guard !isAll else { throw error("\(word) ALL is not supported", branches[1]) }
    return aligned.relation(try tagged(aligned.plans, isIntersect: word == "INTERSECT"))
  }

  private struct Aligned {
    var plans: [LogicalPlan]
    var names: [String]
    var untyped: Set<Int>

    func relation(_ plan: LogicalPlan) -> Relation {
      var relation = Relation(plan, table: nil)
      for (index, name) in names.enumerated() { relation.scope.entries[index].name = name }
      relation.untyped = untyped
      return relation
    }
  }

  /// Casts the columns of all branches to common types.
  private func align(_ relations: [Relation], _ branches: [SyntaxNode], _ word: String) throws -> Aligned {
    let width = relations.first?.scope.entries.count ?? 0
    for (relation, branch) in zip(relations, branches) where relation.scope.entries.count != width {
      throw error(
        "each \(word) query must have the same number of columns: \(width), not \(relation.scope.entries.count)",
        branch)
    }
    var aligned = Aligned(plans: [], names: relations.first?.scope.entries.map(\.name) ?? [], untyped: [])
    var types: [ColumnType] = []
    for column in 0..<width {
      let own = relations.map { $0.untyped.contains(column) ? nil : $0.scope.entries[column].expr.type }
      guard let type = ColumnType.common(own) else {
        let names = own.map { $0?.sqlName ?? "unknown" }
        let first = names.firstIndex { $0 != names[0] } ?? 0
        throw error(
          "\(word) types \(names[0]) and \(names[first]) of column \(column + 1) cannot be matched",
          branches[first])
      }
      if own.allSatisfy({ $0 == nil }) { aligned.untyped.insert(column) }
      types.append(type)
    }
    for (relation, branch) in zip(relations, branches) {
      let columns = try zip(relation.scope.entries, types).enumerated().map { index, pair in
        NamedExpr(
          aligned.names[index], try coerce(Typed(pair.0.expr), to: pair.1, branch.nearestLocation))
      }
      aligned.plans.append(.project(relation.plan, columns))
    }
    return aligned
  }

  func distinct(_ plan: LogicalPlan) -> LogicalPlan {
    let groups = plan.fields.enumerated().map { NamedExpr($1.name, .column($0, $1.type)) }
    return .aggregate(plan, Aggregation(groups: groups, calls: []))
  }

  /// INTERSECT and EXCEPT: nulls are equal, so rows are grouped, not joined, and each group knows the sides that it has.
  private func tagged(_ plans: [LogicalPlan], isIntersect: Bool) throws -> LogicalPlan {
    let sides = plans.enumerated().map { number, plan in
      let columns = plan.fields.enumerated().map { NamedExpr($1.name, .column($0, $1.type)) }
      return LogicalPlan.project(
        plan, columns + [NamedExpr("isRight", .literal(.bool(number == 1), .bool))])
    }
    let fields = plans[0].fields
    let groups = fields.enumerated().map { NamedExpr($1.name, .column($0, $1.type)) }
    let isRight = Expr.column(fields.count, .bool)
    let calls = try ["bool_and", "bool_or"].map { name in
      AggregateCall(name, [isRight], type: try aggregateType(name, [.bool]), name: name)
    }
    let allRight = Expr.column(fields.count, .bool)
    let anyRight = Expr.column(fields.count + 1, .bool)
    let grouped = LogicalPlan.aggregate(.unionAll(sides), Aggregation(groups: groups, calls: calls))
    return .project(
      .filter(grouped, .and([.not(allRight), isIntersect ? anyRight : .not(anyRight)])), groups)
  }

  func aggregateType(_ name: String, _ arguments: [ColumnType]) throws -> ColumnType {
    do {
      return try Aggregates.resolve(name, arguments).result
    } catch {
      throw self.error(error, 0)
    }
  }
}
