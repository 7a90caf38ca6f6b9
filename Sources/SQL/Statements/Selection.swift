import Query

/// The select list and what arranges it, as bound over the rows of FROM, or of GROUP BY after that.
struct Selection {
  struct Column {
    var name: String
    var expr: Expr
    /// Where the expression refers to each column.
    var positions: [Int: Int]

    init(_ name: String, _ expr: Expr, _ positions: [Int: Int]) {
      self.name = name
      self.expr = expr
      self.positions = positions
    }
  }

  struct Order {
    /// Of the select list, or of `hidden` behind it.
    var column: Int
    var isDescending: Bool
    var nullsFirst: Bool
  }

  var targets: [Target]
  var columns: [Column] = []
  /// Expressions of ORDER BY that are not in the select list.
  var hidden: [Column] = []
  var order: [Order] = []
  /// The expressions of DISTINCT ON.
  var distinctOn: [Column] = []
  var untyped: Set<Int> = []

  init(targets: [Target]) { self.targets = targets }
}

/// A condition of HAVING.
struct HavingCondition {
  /// For `x IN (SELECT …)`: the subquery's plan of one column, and whether it is NOT IN.
  struct Membership {
    let plan: LogicalPlan
    let isNegated: Bool
  }

  /// The condition, or the value of a membership.
  let expr: Expr
  let membership: Membership?
  let positions: [Int: Int]

  /// - Parameter expr: ``expr`` over the plan.
  func applied(to plan: LogicalPlan, _ expr: Expr) -> LogicalPlan {
    guard let membership else { return .filter(plan, expr) }
    return .join(
      plan, membership.plan,
      Join(
        membership.isNegated ? .nullAwareAnti : .semi, keys: [.init(expr, .column(0, expr.type))]))
  }
}
