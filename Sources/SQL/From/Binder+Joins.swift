import Basics
import Columns
import Query

extension Binder {
  /// `a JOIN b ON …`, `USING (…)`, NATURAL.
  func joinExpression(_ node: SyntaxNode, _ outer: Rows?) throws -> Relation {
    guard let leftNode = node.node("larg"), let rightNode = node.node("rarg") else {
      throw error("a side of the join is missing", node)
    }
    let left = try fromItem(leftNode, outer)
    let kind: Join.Kind =
      switch node.text("jointype") {
      case "JOIN_LEFT": .left
      case "JOIN_RIGHT": .right
      case "JOIN_FULL": .full
      default: .inner
      }
    if let lateral = try lateral(left, rightNode, kind, outer) {
      return try lateralCondition(lateral, node, kind, outer)
    }
    let right = try fromItem(rightNode, outer)
    try checkNames(left, right, rightNode)
    let relation: Relation
    if node.has("usingClause") || node.flag("isNatural") {
      relation = try usingJoin(left, right, kind, node)
    } else {
      relation = try onJoin(left, right, kind, node, outer)
    }
    return node.has("alias") ? try renamed(relation, node) : relation
  }

  private func onJoin(
    _ left: Relation, _ right: Relation, _ kind: Join.Kind, _ node: SyntaxNode, _ outer: Rows?
  ) throws -> Relation {
    let width = left.plan.width
    var relation = Relation(left.plan, left.scope.joined(right.scope, width: width))
    var conjuncts: [Expr] = []
    if let quals = node.node("quals") {
      let rows = Rows(relation, outer: outer, clause: "ON")
      rows.canJoin = false
      conjuncts = try condition(quals, rows).conjuncts.filter { $0 != .yes }
    }
    let (keys, rest) = JoinKeys.split(conjuncts, leftWidth: width)
    relation.plan = .join(left.plan, right.plan, Join(kind, keys: keys, condition: .conjunction(rest)))
    return relation
  }

  private func usingJoin(
    _ left: Relation, _ right: Relation, _ kind: Join.Kind, _ node: SyntaxNode
  ) throws -> Relation {
    var names = node.strings("usingClause").map { WrittenName(text: $0, isQuoted: false) }
    if node.flag("isNatural") {
      let others = right.scope.entries.filter { $0.isInStar && $0.isUnqualified }
      names = left.scope.entries.filter { entry in
        entry.isInStar && entry.isUnqualified && others.contains { $0.name.hasSameBytes(as: entry.name) }
      }.map { WrittenName(text: $0.name, isQuoted: true) }
    }
    let width = left.plan.width
    var scope = left.scope.joined(right.scope, width: width)
    var keys: [Join.Key] = []
    var merged: [Scope.Entry] = []
    for name in names {
      let a = try side(left, name, "left", node)
      let b = try side(right, name, "right", node)
      let equal = try binary("=", Typed(a.expr), Typed(b.expr.shifted(by: width)), node.nearestLocation)
      let (pair, _) = JoinKeys.split([equal.expr], leftWidth: width)
      guard let key = pair.first else { throw error("USING cannot compare \"\(name.text)\"", node) }
      keys.append(key)
      let other = b.expr.shifted(by: width)
      let expr: Expr =
        switch kind {
        case .right: other
        case .full:
          try coalesce(
            try unify([(Typed(a.expr), node), (Typed(other), node)], "USING"), node.nearestLocation)
        default: a.expr
        }
      merged.append(Scope.Entry(name: a.name, expr: expr, table: nil))
      for index in scope.entries.indices
      where scope.entries[index].isUnqualified
        && (scope.entries[index].expr == a.expr || scope.entries[index].expr == other)
      {
        scope.entries[index].isUnqualified = false
        scope.entries[index].isInStar = false
      }
    }
    scope.entries = merged + scope.entries
    return Relation(.join(left.plan, right.plan, Join(kind, keys: keys)), scope)
  }

  private func side(
    _ relation: Relation, _ name: WrittenName, _ side: String, _ node: SyntaxNode
  ) throws -> Scope.Entry {
    switch relation.scope.find(name) {
    case .one(let entry): return entry
    case .none:
      throw error("column \"\(name.text)\" of USING is not on the \(side) side of the join", node)
    case .inTables, .inCases:
      throw error("column \"\(name.text)\" of USING is ambiguous on the \(side) side of the join", node)
    }
  }
}
