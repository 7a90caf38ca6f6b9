import Columns
import Query

extension Binder {
  /// Binds GROUP BY. A name means a column before it means an alias; an integer is the number of an output column.
  func grouping(
    _ items: [SyntaxNode], targets: [Target], _ rows: Rows
  ) throws -> Grouping {
    var grouping = Grouping()
    // The sets of the items, to be combined.
    var factors: [[[Int]]] = []
    for item in items {
      factors.append(try sets(item, targets, rows, &grouping))
    }
    guard items.contains(where: { $0.kind == "GroupingSet" }) else { return grouping }
    var sets: [[Int]] = [[]]
    for factor in factors {
      guard sets.count * factor.count <= Grouping.setLimit else {
        throw error("more than \(Grouping.setLimit) grouping sets", items[0])
      }
      sets = sets.flatMap { set in factor.map { set + $0.filter { !set.contains($0) } } }
    }
    grouping.sets = sets.map { $0.sorted() }
    return grouping
  }

  private func sets(
    _ item: SyntaxNode, _ targets: [Target], _ rows: Rows, _ grouping: inout Grouping
  ) throws -> [[Int]] {
    guard item.kind == "GroupingSet" else { return [try group(item, targets, rows, &grouping)] }
    let content = item.list("content")
    switch item.text("kind") {
    case "GROUPING_SET_EMPTY": return [[]]
    case "GROUPING_SET_SETS":
      return try content.flatMap { try sets($0, targets, rows, &grouping) }
    case "GROUPING_SET_ROLLUP":
      let groups = try content.map { try group($0, targets, rows, &grouping) }
      return (0...groups.count).reversed().map { groups.prefix($0).flatMap { $0 } }
    case "GROUPING_SET_CUBE":
      guard content.count <= 12 else { throw error("CUBE takes up to 12 expressions", item.location) }
      let groups = try content.map { try group($0, targets, rows, &grouping) }
      return (0..<1 << groups.count).reversed().map { mask in
        groups.indices.filter { mask >> (groups.count - 1 - $0) & 1 == 1 }.flatMap { groups[$0] }
      }
    default: return try content.map { try group($0, targets, rows, &grouping) }
    }
  }

  /// One grouping expression, or several in parentheses.
  private func group(
    _ item: SyntaxNode, _ targets: [Target], _ rows: Rows, _ grouping: inout Grouping
  ) throws -> [Int] {
    if item.kind == "RowExpr", item.text("row_format") == "COERCE_IMPLICIT_CAST" {
      return try item.list("args").flatMap { try group($0, targets, rows, &grouping) }
    }
    let expr = try groupExpression(item, targets, rows)
    return [grouping.add(expr.expr, expr.name ?? "?column?")]
  }

  private func groupExpression(_ item: SyntaxNode, _ targets: [Target], _ rows: Rows) throws -> Typed {
    if let ordinal = try ordinal(item, targets.count, "GROUP BY") {
      return try target(targets[ordinal], rows)
    }
    if item.kind == "ColumnRef", item.list("fields").count == 1,
      let name = parser.tokens.names(at: item.location, folded: item.strings("fields")).first,
      case .none = rows.scope.find(name)
    {
      let named = targets.filter { $0.alias == item.strings("fields")[0] }
      if let first = named.first {
        guard named.count == 1 else {
          throw error("\"\(name.text)\" is ambiguous: two output columns have the name", item)
        }
        return try target(first, rows)
      }
    }
    return try bind(item, rows)
  }

  private func target(_ target: Target, _ rows: Rows) throws -> Typed {
    var bound = try bind(target, rows)
    bound.name = target.alias ?? bound.name
    return bound
  }
}
