import Columns
import Query

extension Binder {
  /// A SELECT, VALUES or set operation, with its WITH, ORDER BY and LIMIT. The relation's columns are the output columns, of no
  /// table.
  func query(_ node: SyntaxNode, outer: Rows?) throws -> Relation {
    try nested(node) {
      let saved = commonTables.count
      defer { commonTables.removeLast(commonTables.count - saved) }
      if let with = node.node("withClause") { try addCommonTables(with) }
      if let lock = node.list("lockingClause").first {
        throw error("FOR UPDATE and its like are not supported", lock)
      }
      if node.has("windowClause") { throw error("window functions are not supported", node) }
      if node.has("intoClause") { throw error("SELECT INTO is not supported", node) }
      if node.has("valuesLists") { return try arranged(try values(node, outer), node) }
      if node.text("op") != "SETOP_NONE" { return try arranged(try setOperation(node, outer), node) }
      return try select(node, outer: outer)
    }
  }

  /// ORDER BY and LIMIT of VALUES and set operations: over the output columns.
  private func arranged(_ relation: Relation, _ node: SyntaxNode) throws -> Relation {
    var relation = relation
    let rows = Rows(relation, outer: nil, clause: "ORDER BY")
    let keys = try node.list("sortClause").map { item in
      guard let value = item.node("node") else { throw error("ORDER BY needs an expression", item) }
      if let index = try ordinal(value, relation.scope.entries.count, "ORDER BY") {
        return sortKey(item, relation.scope.entries[index].expr)
      }
      return sortKey(item, try bind(value, rows).expr)
    }
    if !keys.isEmpty { relation.plan = .sort(relation.plan, keys) }
    if let limit = try limit(node) { relation.plan = .limit(relation.plan, limit) }
    return relation
  }

  /// nil without LIMIT and OFFSET.
  func limit(_ node: SyntaxNode) throws -> Limit? {
    if node.text("limitOption") == "LIMIT_OPTION_WITH_TIES" {
      throw error("WITH TIES is not supported", node.node("limitCount") ?? node)
    }
    let count = try node.node("limitCount").flatMap { try self.count($0, "LIMIT") }
    let offset = try node.node("limitOffset").flatMap { try self.count($0, "OFFSET") } ?? 0
    return count == nil && offset == 0 ? nil : Limit(count: count, offset: offset)
  }

  /// The output column that an integer in ORDER BY or GROUP BY means; nil for other expressions.
  func ordinal(_ node: SyntaxNode, _ count: Int, _ clause: String) throws -> Int? {
    guard node.kind == "A_Const" else { return nil }
    guard let integer = node.node("ival") else {
      if node.flag("isnull") { return nil }
      throw error("a constant in \(clause) must be an integer, the number of an output column", node)
    }
    let ordinal = integer.number("ival")
    guard (1...max(1, count)).contains(ordinal), count > 0 else {
      throw error(
        "\(clause) position \(integer.has("ival") ? ordinal : parser.tokens.negativeNumber(at: node.location)) is not in the select list of \(count) columns",
        node)
    }
    return ordinal - 1
  }
}
