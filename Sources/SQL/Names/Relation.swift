import Columns
import Query

/// Rows with names: what FROM, a CTE or a subquery gives.
struct Relation {
  var plan: LogicalPlan
  var scope: Scope
  /// Columns that are untyped literals, whose type a UNION or IN may still decide.
  var untyped: Set<Int> = []

  init(_ plan: LogicalPlan, _ scope: Scope) {
    self.plan = plan
    self.scope = scope
  }

  /// A table in FROM: its columns, renamed by `AS t(a, b)` if given.
  init(_ plan: LogicalPlan, table: String?) {
    self.init(plan, Scope(table: table, plan.fields))
  }

  /// One row without columns, for a SELECT without FROM.
  static var oneRow: Relation { Relation(.values(ValueRows(fields: [], rows: [[]])), Scope()) }
}
