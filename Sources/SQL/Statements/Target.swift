import Query

/// A column of the select list, after `*` is expanded.
struct Target {
  enum Value {
    case expression(SyntaxNode)
    /// A column that `*` gives.
    case column(Scope.Entry)
  }

  let value: Value
  /// From AS.
  let alias: String?
  let position: Int
}

extension Binder {
  /// The select list with `*` and `t.*` expanded.
  func targets(_ node: SyntaxNode, _ scope: Scope) throws -> [Target] {
    try node.list("targetList").flatMap { item -> [Target] in
      guard let value = item.node("val") else { throw error("an expression is missing", item) }
      let position = max(0, item.location)
      guard value.kind == "ColumnRef", value.list("fields").last?.kind == "A_Star" else {
        return [Target(value: .expression(value), alias: item.text("name"), position: position)]
      }
      let qualifiers = parser.tokens.names(at: value.location, folded: value.strings("fields"))
      return try star(qualifiers, scope, value)
    }
  }

  private func star(_ qualifiers: [WrittenName], _ scope: Scope, _ node: SyntaxNode) throws -> [Target] {
    var entries = scope.entries.filter(\.isInStar)
    if let qualifier = qualifiers.first {
      guard qualifiers.count == 1, let table = scope.table(qualifier) else {
        throw error("no table \"\(qualifier.text)\" in FROM", node)
      }
      // Columns that USING has merged are still the table's.
      entries = scope.entries.filter { $0.table == table && ($0.isInStar || !$0.isUnqualified) }
    } else if entries.isEmpty {
      throw error(
        scope.tables.isEmpty ? "SELECT * needs a table in FROM" : "the tables have no columns", node)
    }
    return entries.map { Target(value: .column($0), alias: nil, position: max(0, node.location)) }
  }

  func bind(_ target: Target, _ rows: Rows) throws -> Typed {
    switch target.value {
    case .expression(let node): return try bind(node, rows)
    case .column(let entry):
      for column in entry.expr.columns where rows.firstPositions[column] == nil {
        rows.firstPositions[column] = target.position
      }
      return Typed(entry.expr, name: entry.name)
    }
  }
}
