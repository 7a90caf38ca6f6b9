import Columns

/// Makes one projection of two that follow each other, and drops those that change nothing.
enum ProjectionMerging {
  static func merged(_ plan: LogicalPlan) -> LogicalPlan {
    let plan = plan.mappingInputs(merged)
    guard case .project(let input, let columns) = plan else { return plan }
    if isIdentity(columns, input) { return input }
    guard case .project(let below, let inner) = input, canMerge(columns, inner) else { return plan }
    let both = columns.map { column in
      NamedExpr(
        column.name,
        column.expr.replacingColumns { index, type in
          index < inner.count ? inner[index].expr : .column(index, type)
        })
    }
    return merged(.project(below, both))
  }

  private static func isIdentity(_ columns: [NamedExpr], _ input: LogicalPlan) -> Bool {
    let fields = input.fields
    return columns.count == fields.count
      && columns.indices.allSatisfy {
        columns[$0].expr == .column($0, fields[$0].type) && columns[$0].name == fields[$0].name
      }
  }

  /// Whether no computation would be done twice.
  private static func canMerge(_ outer: [NamedExpr], _ inner: [NamedExpr]) -> Bool {
    var uses: [Int: Int] = [:]
    for column in outer { column.expr.forEachColumn { uses[$0, default: 0] += 1 } }
    return inner.indices.allSatisfy { (uses[$0] ?? 0) <= 1 || isTrivial(inner[$0].expr) }
  }

  private static func isTrivial(_ expr: Expr) -> Bool {
    switch expr {
    case .column, .literal: true
    default: false
    }
  }
}
