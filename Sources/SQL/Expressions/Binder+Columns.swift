import Basics
import Columns
import Query

extension Binder {
  /// A name: a column, a column of a table, a field of a struct.
  func columnReference(_ node: SyntaxNode, _ rows: Rows) throws -> Typed {
    let parts = node.list("fields")
    guard !parts.contains(where: { $0.kind == "A_Star" }) else { throw error("* is not allowed here", node) }
    let names = parser.tokens.names(at: node.location, folded: parts.compactMap(\.string))
    var level: Rows? = rows
    // Columns of rows around become outer references, one step for each query in between.
    var steps = 0
    while let current = level {
      if let found = try resolve(names, current, node.location) {
        var expr = found.expr
        for _ in 0..<steps { expr = expr.asOuter() }
        if steps == 0 || current === rows { note(expr, node.location, current) }
        return Typed(expr, name: found.name)
      }
      if !current.isListQuery { steps += 1 }
      level = current.outer
    }
    throw unknownColumn(names, rows, node.location)
  }

  /// - Returns: nil if the rows have no such column.
  private func resolve(_ names: [WrittenName], _ rows: Rows, _ position: Int) throws -> Typed? {
    if names.count > 1, let table = rows.scope.table(names[0]) {
      if let entry = try one(rows.scope.find(names[1], table: table), names[1], position) {
        return try fields(names.dropFirst(2), of: Typed(entry.expr, name: entry.name), position)
      }
      if case .none = rows.scope.find(names[0]) { throw unknownColumn(names, rows, position) }
    }
    guard let entry = try one(rows.scope.find(names[0]), names[0], position) else { return nil }
    return try fields(names.dropFirst(), of: Typed(entry.expr, name: entry.name), position)
  }

  private func one(_ match: Scope.Match, _ name: WrittenName, _ position: Int) throws -> Scope.Entry? {
    switch match {
    case .one(let entry): return entry
    case .none: return nil
    case .inTables(let tables):
      let distinct = tables.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
      let places =
        distinct.count > 1
        ? distinct.map { "\"\($0)\"" }.joined(separator: " and ") : "\"\(distinct[0])\", more than once"
      throw error("column \"\(name.text)\" is ambiguous: it is in \(places)", position)
    case .inCases(let names):
      let spellings = names.map { "\"\($0)\"" }.joined(separator: " or ")
      throw error(
        "column \(name.text) is ambiguous: it may be \(spellings)", position, hint: "put the one in quotes")
    }
  }

  /// Fields of a struct, one inside the other.
  func fields(_ names: some Sequence<WrittenName>, of value: Typed, _ position: Int) throws -> Typed {
    var value = value
    for name in names {
      guard case .structure(let fields) = value.expr.type, !value.isUntyped else {
        let what = value.name.map { "\"\($0)\"" } ?? "the value"
        throw error(
          "\(what) is of type \(value.expr.type.sqlName) and has no field \"\(name.text)\"", position,
          hint: value.expr.type == .json ? "write -> or ->> for a key of JSON" : nil)
      }
      let exact = fields.indices.filter { fields[$0].name.hasSameBytes(as: name.text) }
      let alike =
        exact.isEmpty && !name.isQuoted
        ? fields.indices.filter { fields[$0].name.lowercased() == name.text.lowercased() } : exact
      guard let index = alike.first else {
        let near = Nearest.name(to: name.text, among: fields.map(\.name))
        throw error(
          "no field \"\(name.text)\" in \(value.name.map { "\"\($0)\"" } ?? "the struct")", position,
          hint: near.map { "did you mean \"\($0)\"?" }
            ?? "it has " + fields.prefix(20).map { "\"\($0.name)\"" }.joined(separator: ", "))
      }
      guard alike.count == 1 else {
        throw error(
          "field \(name.text) is ambiguous: it may be "
            + alike.map { "\"\(fields[$0].name)\"" }.joined(separator: " or "), position)
      }
      let field = fields[index]
      value = Typed(.field(value.expr, index, field.type), name: field.name)
    }
    return value
  }

  /// The error for a name that no rows have, with the nearest one.
  private func unknownColumn(_ names: [WrittenName], _ rows: Rows, _ position: Int) -> SQLError {
    var candidates: [String] = []
    if names.count > 1 {
      var tables: [String] = []
      var level: Rows? = rows
      while let current = level {
        if let table = current.scope.table(names[0]) {
          let columns = current.scope.entries.filter { $0.table == table }.map(\.name)
          let near = Nearest.name(to: names[1].text, among: columns)
          return error(
            "no column \"\(names[1].text)\" in \"\(table)\"", position,
            hint: near.map { "did you mean \"\($0)\"?" })
        }
        tables += current.scope.tables
        candidates += current.scope.entries.filter(\.isUnqualified).map(\.name)
        level = current.outer
      }
      let near = Nearest.name(to: names[0].text, among: tables + candidates)
      return error(
        "no table or column \"\(names[0].text)\" in the query", position,
        hint: near.map { "did you mean \"\($0)\"?" })
    }
    var level: Rows? = rows
    while let current = level {
      candidates += current.scope.entries.filter(\.isUnqualified).map(\.name)
      level = current.outer
    }
    let near = Nearest.name(to: names[0].text, among: candidates)
    return error("no column \"\(names[0].text)\"", position, hint: near.map { "did you mean \"\($0)\"?" })
  }

  private func note(_ expr: Expr, _ position: Int, _ rows: Rows) {
    for column in expr.columns where rows.firstPositions[column] == nil {
      rows.firstPositions[column] = position
    }
  }
}
