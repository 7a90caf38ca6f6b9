import Columns
import Query

extension Binder {
  /// ORDER BY of a SELECT: output columns by number or alias, other expressions over the rows.
  func order(_ node: SyntaxNode, _ select: inout Selection, _ rows: Rows) throws {
    let isDistinct = node.has("distinctClause") && !isDistinctOn(node)
    for item in node.list("sortClause") {
      guard let value = item.node("node") else { throw error("ORDER BY needs an expression", item) }
      if item.text("sortby_dir") == "SORTBY_USING" { throw error("ORDER BY … USING is not supported", value) }
      let column = try outputColumn(value, &select, rows)
      guard !isDistinct || column < select.columns.count else {
        throw error("with SELECT DISTINCT, ORDER BY expressions must be in the select list", value)
      }
      let key = sortKey(item, .yes)
      select.order.append(
        Selection.Order(column: column, isDescending: key.isDescending, nullsFirst: key.nullsFirst))
    }
  }

  private func outputColumn(_ value: SyntaxNode, _ select: inout Selection, _ rows: Rows) throws -> Int {
    if let ordinal = try ordinal(value, select.columns.count, "ORDER BY") { return ordinal }
    if let index = try aliased(value, select) { return index }
    rows.firstPositions = [:]
    let expr = try bind(value, rows).expr
    let key = expr.withoutPositions
    if let index = select.columns.firstIndex(where: { $0.expr.withoutPositions == key }) { return index }
    if let index = select.hidden.firstIndex(where: { $0.expr.withoutPositions == key }) {
      return select.columns.count + index
    }
    select.hidden.append(Selection.Column("order", expr, rows.firstPositions))
    return select.columns.count + select.hidden.count - 1
  }

  /// The output column that a plain name means.
  private func aliased(_ value: SyntaxNode, _ select: Selection) throws -> Int? {
    guard value.kind == "ColumnRef", value.list("fields").count == 1,
      let folded = value.strings("fields").first,
      let name = parser.tokens.names(at: value.location, folded: [folded]).first
    else { return nil }
    func matches(_ test: (String) -> Bool) -> [Int] {
      select.columns.indices.filter { test(select.columns[$0].name) }
    }
    var found = matches { $0 == name.text }
    if found.isEmpty, !name.isQuoted { found = matches { $0.lowercased() == folded.lowercased() } }
    let distinct = Set(found.map { select.columns[$0].expr.withoutPositions })
    guard distinct.count <= 1 else {
      throw error("\"\(name.text)\" is ambiguous: two output columns have the name", value)
    }
    return found.first
  }

  func isDistinctOn(_ node: SyntaxNode) -> Bool {
    node.list("distinctClause").contains { !$0.kind.isEmpty }
  }

  /// The expressions of DISTINCT ON.
  func distinctOn(_ node: SyntaxNode, _ select: inout Selection, _ rows: Rows) throws {
    guard isDistinctOn(node) else { return }
    rows.clause = "DISTINCT ON"
    for value in node.list("distinctClause") {
      rows.firstPositions = [:]
      if let index = try ordinal(value, select.columns.count, "DISTINCT ON") ?? aliased(value, select) {
        select.distinctOn.append(select.columns[index])
      } else {
        select.distinctOn.append(Selection.Column("on", try bind(value, rows).expr, rows.firstPositions))
      }
    }
    let on = Set(select.distinctOn.map(\.expr.withoutPositions))
    let all = select.columns + select.hidden
    let leading = select.order.prefix(on.count).map { all[$0.column].expr.withoutPositions }
    guard leading.allSatisfy(on.contains) else {
      throw error("DISTINCT ON expressions must be the first of ORDER BY", node.list("distinctClause")[0])
    }
  }

  /// DISTINCT ON: the first row of each group, in the order of ORDER BY.
  func distinctOn(_ select: Selection, _ plan: LogicalPlan) throws -> LogicalPlan {
    let columns = select.columns + select.hidden
    let input = LogicalPlan.project(
      plan,
      columns.map { NamedExpr($0.name, $0.expr) } + select.distinctOn.map { NamedExpr($0.name, $0.expr) })
    let keys = select.order.map {
      SortKey(
        .column($0.column, columns[$0.column].expr.type), isDescending: $0.isDescending,
        nullsFirst: $0.nullsFirst)
    }
    let groups = select.distinctOn.enumerated().map {
      NamedExpr($1.name, .column(columns.count + $0, $1.expr.type))
    }
    let calls = try columns.enumerated().map { index, column in
      AggregateCall(
        "first", [.column(index, column.expr.type)], order: keys,
        type: try aggregateType("first", [column.expr.type]), name: column.name)
    }
    let first = LogicalPlan.aggregate(input, Aggregation(groups: groups, calls: calls))
    return .project(
      first,
      columns.enumerated().map { NamedExpr($1.name, .column(groups.count + $0, $1.expr.type)) })
  }
}
