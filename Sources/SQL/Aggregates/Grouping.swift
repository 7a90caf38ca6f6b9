import Basics
import Columns
import Query

/// GROUP BY as bound: the grouping expressions, and the sets of ROLLUP, CUBE and GROUPING SETS.
struct Grouping {
  /// More sets are refused: CUBE doubles them with each expression.
  static let setLimit = 4096

  var groups: [NamedExpr] = []
  var sets: [[Int]]?
  /// The groups without positions, to recognise them in other expressions.
  private var known: [Expr: Int] = [:]

  /// The index of a grouping expression, which is added if it is new.
  mutating func add(_ expr: Expr, _ name: String) -> Int {
    let key = expr.withoutPositions
    if let index = known[key] { return index }
    known[key] = groups.count
    groups.append(NamedExpr(name, expr))
    return groups.count - 1
  }

  func index(of expr: Expr) -> Int? { known[expr.withoutPositions] }

  /// An expression over the aggregation's input as one over its output.
  /// - Parameter missing: Makes the error for a column that is neither grouped nor aggregated.
  func rewritten(_ expr: Expr, missing: (Int) -> SQLError) throws -> Expr {
    if case .column(let index, let type) = expr, index >= Expr.outerBase {
      // Columns of rows around and elements stay; results of aggregates follow the groups.
      return index >= Rows.aggregateBase ? .column(groups.count + index - Rows.aggregateBase, type) : expr
    }
    if let group = index(of: expr) { return .column(group, groups[group].expr.type) }
    if case .column(let index, _) = expr { throw missing(index) }
    return try expr.mappingOperands { try rewritten($0, missing: missing) }
  }
}
