import Columns
import Query

extension Binder {
  /// A subquery over a list of the row: `(SELECT value FROM unnest(params) WHERE key = 'page')`, with aggregates too.
  /// - Returns: nil if the subquery has another form.
  func listQuery(
    _ select: SyntaxNode, _ use: Query.Subquery.Use, _ rows: Rows, _ position: Int
  ) throws -> Typed? {
    guard let item = select.list("fromClause").first, select.list("fromClause").count == 1,
      let argument = unnestArgument(item)
    else { return nil }
    for member in ["groupClause", "havingClause", "distinctClause", "withClause", "limitOffset"]
    where select.has(member) { return nil }
    let list = try bind(argument, rows)
    guard case .list(let element) = list.expr.type, !list.isUntyped else {
      throw error("unnest needs a list, not \(list.expr.type.sqlName)", argument)
    }
    let base = Expr.elementBase + 2 * rows.listLevel
    let scope = try elementScope(item, element, element: base, ordinality: base + 1)
    let inner = Rows(Relation(Relation.oneRow.plan, scope), outer: rows, clause: "WHERE", isListQuery: true)
    inner.canJoin = false
    let filter = try select.node("whereClause").map { try condition($0, inner) }
    var query = ListQuery(
      list: list.expr, filter: filter, value: .yes, result: .exists, type: .bool, position: mark(position))
    guard use == .scalar else { return Typed(.listQuery(query), name: "exists") }

    guard select.list("targetList").count == 1, let target = select.list("targetList")[0].node("val") else {
      throw error("the subquery must give one column", position)
    }
    let collector = AggregateCollector()
    inner.aggregates = collector
    inner.clause = "SELECT"
    let value = try bind(target, inner)
    let name = select.list("targetList")[0].text("name") ?? value.name
    if !collector.calls.isEmpty {
      return Typed(try aggregated(value.expr, collector, query, base, position), name: name)
    }
    query.result = .single
    if let limit = select.node("limitCount"), let count = try count(limit, "LIMIT") {
      guard count > 0 else { return Typed(.literal(.null, value.expr.type), name: name) }
      query.result = count == 1 ? .first : .single
    }
    if let sort = select.list("sortClause").first {
      throw error(
        "ORDER BY is not supported in a subquery over a list", sort.nearestLocation,
        hint: "LIMIT 1 takes the first in the list's order")
    }
    query.value = value.expr
    query.type = value.expr.type
    return Typed(.listQuery(query), name: name)
  }

  /// An expression over aggregates of the list: each aggregate becomes a list query of its own.
  private func aggregated(
    _ value: Expr, _ collector: AggregateCollector, _ query: ListQuery, _ base: Int, _ position: Int
  ) throws -> Expr {
    let queries = try collector.calls.map { call in
      guard !call.isDistinct, call.order.isEmpty, call.arguments.count <= 1, call.function != "grouping"
      else {
        throw error(
          "DISTINCT, ORDER BY and several arguments are not supported over a list of the row", position)
      }
      var one = query
      one.type = call.type
      var conditions = (query.filter?.conjuncts ?? []) + (call.filter?.conjuncts ?? [])
      if call.function == "count" {
        if let argument = call.arguments.first { conditions.append(.not(.isNull(argument))) }
        one.result = .count
      } else {
        one.result = .aggregate(call.function)
        one.value = call.arguments.first ?? .yes
      }
      one.filter = .conjunction(conditions)
      return Expr.listQuery(one)
    }
    func replaced(_ expr: Expr) throws -> Expr {
      if case .column(let index, _) = expr {
        if index >= Rows.aggregateBase { return queries[index - Rows.aggregateBase] }
        if index >= base {
          throw error("a field of the list must be used in an aggregate here", position)
        }
      }
      return try expr.mappingOperands(replaced)
    }
    return try replaced(value)
  }

  /// The list of an item `unnest(list)` in FROM; nil for other items.
  func unnestArgument(_ item: SyntaxNode) -> SyntaxNode? {
    guard item.kind == "RangeFunction", item.list("functions").count == 1,
      let call = item.list("functions")[0].list("items").first, call.kind == "FuncCall",
      call.strings("funcname").last == "unnest", call.list("args").count == 1
    else { return nil }
    return call.list("args")[0]
  }

  /// The names that an unnested list gives: the fields of a struct or the element itself, under the alias, and the ordinality.
  /// - Parameters:
  ///   - element: The column of the element.
  ///   - ordinality: The column of the ordinality.
  func elementScope(
    _ item: SyntaxNode, _ type: ColumnType, element: Int, ordinality: Int
  ) throws -> Scope {
    let alias = item.node("alias")
    let table = alias?.text("aliasname") ?? "unnest"
    var names = alias?.strings("colnames") ?? []
    let value = Expr.column(element, type)
    var entries: [Scope.Entry] = []
    let hasOrdinality = item.flag("ordinality")
    if case .structure(let fields) = type, names.count != (hasOrdinality ? 2 : 1) || fields.count == 1 {
      for (index, field) in fields.enumerated() {
        let name = index < names.count ? names[index] : field.name
        entries.append(Scope.Entry(name: name, expr: .field(value, index, field.type), table: table))
      }
      names.removeFirst(min(names.count, fields.count))
      if alias != nil, !fields.contains(where: { $0.name == table }) {
        entries.append(Scope.Entry(name: table, expr: value, table: nil, isInStar: false))
      }
    } else {
      entries.append(
        Scope.Entry(name: names.first ?? alias?.text("aliasname") ?? "unnest", expr: value, table: table))
      names.removeFirst(min(names.count, 1))
    }
    if hasOrdinality {
      entries.append(
        Scope.Entry(name: names.first ?? "ordinality", expr: .column(ordinality, .int64), table: table))
      names.removeFirst(min(names.count, 1))
    }
    guard names.isEmpty else { throw error("more names than columns in \"\(table)\"", item) }
    return Scope(entries, tables: [table])
  }
}
