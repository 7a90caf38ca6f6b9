import Columns

/// Finds the equalities of a join's condition that compare its two sides.
package enum JoinKeys {
  /// - Parameter conjuncts: Over the columns of both sides.
  /// - Returns: The keys, each over its own side, and the conjuncts that are none.
  package static func split(
    _ conjuncts: [Expr], leftWidth: Int
  ) -> (keys: [Join.Key], rest: [Expr]) {
    var keys: [Join.Key] = []
    var rest: [Expr] = []
    for conjunct in conjuncts {
      if let key = key(conjunct, leftWidth) { keys.append(key) } else { rest.append(conjunct) }
    }
    return (keys, rest)
  }

  private static func key(_ conjunct: Expr, _ leftWidth: Int) -> Join.Key? {
    guard case .call(let call) = conjunct, call.name == "=", call.arguments.count == 2 else { return nil }
    var (a, b) = (call.arguments[0], call.arguments[1])
    if let first = a.columns.min(), first >= leftWidth { swap(&a, &b) }
    guard a.isOver(..<leftWidth), b.isOver(leftWidth...), !a.columns.isEmpty, !b.columns.isEmpty,
      let type = ColumnType.common([a.type, b.type]), !type.isNested
    else { return nil }
    func cast(_ expr: Expr) -> Expr {
      expr.type == type ? expr : .cast(Cast(expr, type, position: call.position))
    }
    return Join.Key(cast(a), cast(b.shifted(by: -leftWidth)))
  }
}

extension Expr {
  /// Whether all columns are in a range, and none is that of a query around.
  package func isOver(_ range: some RangeExpression<Int>) -> Bool {
    var isInside = true
    forEachColumn {
      if $0 < Expr.elementBase, $0 >= Expr.outerBase || !range.contains($0) { isInside = false }
    }
    return isInside
  }
}
