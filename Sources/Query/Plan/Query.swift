import Columns

/// A bound SELECT: a plan, and the uncorrelated subqueries that its expressions refer to.
package struct Query: Sendable {
  package struct Subquery: Sendable {
    package enum Use: Hashable, Sendable {
      /// Its only row's only column; null without rows; more rows are an error.
      case scalar
      /// Whether it has a row.
      case exists
    }

    package var plan: LogicalPlan
    package var use: Use
    package var position: Int32

    package init(plan: LogicalPlan, use: Use, position: Int32 = -1) {
      self.plan = plan
      self.use = use
      self.position = position
    }
  }

  package var plan: LogicalPlan
  /// ``Expr/subquery(_:_:)`` counts them from 0; one may refer to those before it.
  package var subqueries: [Subquery]
  package var session: SessionContext

  package init(plan: LogicalPlan, subqueries: [Subquery] = [], session: SessionContext) {
    self.plan = plan
    self.subqueries = subqueries
    self.session = session
  }

  package var fields: [ColumnField] { plan.fields }
}
