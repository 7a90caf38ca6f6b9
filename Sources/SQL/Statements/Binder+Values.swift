import Columns
import Query

extension Binder {
  /// `VALUES (1, 'a'), (2, 'b')`: columns column1, column2 …
  func values(_ node: SyntaxNode, _ outer: Rows?) throws -> Relation {
    let rows = Rows(.oneRow, outer: outer, clause: "VALUES")
    rows.canJoin = false
    let lists = node.list("valuesLists")
    let width = lists.first?.list("items").count ?? 0
    let bound = try lists.map { list in
      let items = list.list("items")
      guard items.count == width else {
        throw error(
          "VALUES rows must have the same length: \(width), not \(items.count)", items.first ?? node)
      }
      return try items.map { item in
        let value = try bind(item, rows)
        guard !value.expr.refersToOuterRows else {
          throw error("VALUES cannot refer to the query around", item)
        }
        return (value, item)
      }
    }
    var untyped: Set<Int> = []
    let columns = try (0..<width).map { column in
      if bound.allSatisfy({ $0[column].0.isUntyped }) { untyped.insert(column) }
      return try unify(bound.map { $0[column] }, "VALUES")
    }
    let fields = columns.enumerated().map {
      ColumnField("column\($0 + 1)", $1.first?.type ?? .string, nullable: true)
    }
    let data = bound.indices.map { row in columns.map { $0[row] } }
    var relation = Relation(.values(ValueRows(fields: fields, rows: data)), table: nil)
    relation.untyped = untyped
    return relation
  }
}
