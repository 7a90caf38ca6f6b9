import Columns
import Query

extension Binder {
  /// FROM: the items from left to right; a lateral one sees those before it.
  /// - Parameter outer: The query around, if this is a subquery of an expression or lateral.
  func from(_ items: [SyntaxNode], outer: Rows?) throws -> Relation {
    var relation: Relation?
    for item in items {
      if let left = relation {
        relation = try join(left, item, outer)
      } else {
        relation = try fromItem(item, outer)
      }
    }
    return relation ?? .oneRow
  }

  /// A comma or CROSS JOIN.
  private func join(_ left: Relation, _ item: SyntaxNode, _ outer: Rows?) throws -> Relation {
    if let lateral = try lateral(left, item, .inner, outer) { return lateral }
    let right = try fromItem(item, outer)
    try checkNames(left, right, item)
    return cross(left, right)
  }

  func cross(_ left: Relation, _ right: Relation) -> Relation {
    Relation(
      .join(left.plan, right.plan, Join(.inner, keys: [])),
      left.scope.joined(right.scope, width: left.plan.width))
  }

  func checkNames(_ left: Relation, _ right: Relation, _ item: SyntaxNode) throws {
    for table in right.scope.tables where left.scope.tables.contains(table) {
      throw error("table name \"\(table)\" is used twice; give one of them an alias", item)
    }
  }

  /// An item that does not see those before it.
  func fromItem(_ item: SyntaxNode, _ outer: Rows?) throws -> Relation {
    try nested(item) {
      switch item.kind {
      case "RangeVar": try table(item)
      case "RangeSubselect": try subselect(item, outer)
      case "RangeFunction": try function(item, outer)
      case "JoinExpr": try joinExpression(item, outer)
      case "RangeTableSample": throw error("TABLESAMPLE is not supported", item)
      default: throw error("this kind of FROM item is not supported", item)
      }
    }
  }

  private func subselect(_ item: SyntaxNode, _ outer: Rows?) throws -> Relation {
    guard let select = item.node("subquery") else { throw error("a subquery is missing", item) }
    return try renamed(try query(select, outer: item.flag("lateral") ? outer : nil), item)
  }

  /// Gives the columns of an item in FROM its alias: `AS t(a, b)`.
  func renamed(_ relation: Relation, _ item: SyntaxNode, defaultName: String? = nil) throws -> Relation {
    let alias = item.node("alias")
    let table = alias?.text("aliasname") ?? defaultName
    var scope = relation.scope
    let names = alias?.strings("colnames") ?? []
    let visible = scope.entries.indices.filter { scope.entries[$0].isInStar }
    guard names.count <= visible.count else {
      throw error(
        "\(table.map { "\"\($0)\"" } ?? "the table") has \(visible.count) columns, not \(names.count)", item)
    }
    for (name, index) in zip(names, visible) { scope.entries[index].name = name }
    for index in scope.entries.indices { scope.entries[index].table = table }
    scope.tables = table.map { [$0] } ?? []
    var result = relation
    result.scope = scope
    return result
  }
}
