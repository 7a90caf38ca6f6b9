import Columns
import Query

/// The rows that an expression is bound over: a relation that grows while subqueries are joined to it, the rows of the query
/// around it, and what is allowed.
final class Rows {
  /// Results of aggregates are columns from here on, until the aggregation is built.
  static let aggregateBase = 1 << 44

  var relation: Relation
  /// The query around, if names may mean its columns.
  let outer: Rows?
  /// Elements of a list of the outer row: expressions see the outer row's columns as their own.
  let isListQuery: Bool
  /// The clause, for errors: `WHERE`.
  var clause: String
  /// Collects aggregates where they are allowed.
  var aggregates: AggregateCollector?
  /// Whether subqueries may be joined to the relation.
  var canJoin = true
  /// Where columns were first referred to, for errors about GROUP BY.
  var firstPositions: [Int: Int] = [:]

  init(_ relation: Relation, outer: Rows?, clause: String, isListQuery: Bool = false) {
    self.relation = relation
    self.outer = outer
    self.clause = clause
    self.isListQuery = isListQuery
  }

  var scope: Scope { relation.scope }

  /// Nesting of list queries around and including this one.
  var listLevel: Int { isListQuery ? 1 + (outer?.listLevel ?? 0) : 0 }
}

extension Expr {
  /// Seen from a subquery: columns of the rows become references to the outer rows.
  func asOuter() -> Expr {
    replacingColumns { index, type in
      .column(index < Expr.elementBase ? index + Expr.outerBase : index, type)
    }
  }

  var refersToOuterRows: Bool {
    contains {
      if case .column(let index, _) = $0 {
        (Expr.outerBase..<Expr.elementBase).contains(index)
      } else {
        false
      }
    }
  }
}
