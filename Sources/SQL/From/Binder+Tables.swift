import Basics
import Columns
import Formats
import Query
import Storage

extension Binder {
  /// A name in FROM: a WITH query, a table or view of the catalog, or a file in double quotes.
  func table(_ item: SyntaxNode) throws -> Relation {
    let name = item.text("relname") ?? ""
    if let schema = item.text("schemaname") {
      let path = [item.text("catalogname"), schema, name].compactMap { $0 }.joined(separator: ".")
      throw error("no table \"\(path)\"", item, hint: "a file is written in double quotes: FROM \"\(path)\"")
    }
    let written =
      parser.tokens.names(at: item.location, folded: [name]).first ?? WrittenName(text: name, isQuoted: true)
    let relation = try self.relation(written, folded: name, item.location)
    shared.tableCount += 1
    guard shared.tableCount <= SharedBinding.tableLimit else {
      throw error(
        "the query refers to tables more than \(SharedBinding.tableLimit) times, views included", item)
    }
    return try renamed(relation, item, defaultName: tableName(written.text))
  }

  /// The qualifier of a file's columns: its name without folders and endings.
  private func tableName(_ name: String) -> String {
    guard isFile(name) else { return name }
    let file = name.split(separator: "/").last.map(String.init) ?? name
    return file.split(separator: ".").first.map(String.init) ?? file
  }

  func relation(_ name: WrittenName, folded: String, _ position: Int) throws -> Relation {
    if let common = commonTables.lastIndex(where: { $0.name == folded }) { return try commonTable(common) }
    if let (found, table) = try catalogTable(name, position) {
      switch table {
      case .files(let files): return scan(files, found)
      case .view(let sql): return try viewRelation(found, sql, position)
      }
    }
    if isFile(name.text) { return try files([name.text], FileTableOptions(), name.text, position) }
    let names = commonTables.map(\.name) + shared.catalog.tableNames
    let near = Nearest.name(to: name.text, among: names)
    throw error(
      "no table \"\(name.text)\"", position,
      hint: near.map { "did you mean \"\($0)\"?" }
        ?? (names.isEmpty ? "a file is written in double quotes: FROM \"data.csv\"" : nil))
  }

  private func catalogTable(_ name: WrittenName, _ position: Int) throws -> (String, CatalogTable)? {
    var candidates = [name.text]
    if !name.isQuoted {
      let alike = shared.catalog.tableNames.filter { $0.lowercased() == name.text.lowercased() }
      if alike.count == 1 { candidates.append(alike[0]) }
    }
    for candidate in candidates {
      if let known = shared.tables[candidate] { return (candidate, known) }
      do {
        if let table = try shared.catalog.table(candidate) {
          shared.tables[candidate] = table
          return (candidate, table)
        }
      } catch {
        throw self.error("table \"\(candidate)\": \(error)", position)
      }
    }
    return nil
  }

  /// Whether a quoted name is a file's: it has a slash, a star or a known ending.
  private func isFile(_ name: String) -> Bool {
    if name.contains("/") || name.contains("*") { return true }
    var name = name.lowercased()
    for ending in [".gz", ".zst", ".bz2", ".xz"] where name.hasSuffix(ending) {
      name.removeLast(ending.count)
    }
    return [".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".parquet"].contains { name.hasSuffix($0) }
  }

  func files(
    _ paths: [String], _ options: FileTableOptions, _ name: String, _ position: Int
  ) throws -> Relation {
    do {
      return scan(try shared.catalog.files(paths, options), name)
    } catch let error as SQLError {
      throw error
    } catch {
      throw self.error("\(error)", position)
    }
  }

  /// All columns of a table; pseudo-columns only by name.
  private func scan(_ table: FileTable, _ name: String) -> Relation {
    var relation = Relation(
      .scan(TableScan(table: table, name: name, columns: Array(table.fields.indices))), table: name)
    let pseudo = FileTable.pseudoFields
    let first = max(0, table.fields.count - pseudo.count)
    if zip(table.fields[first...], pseudo).allSatisfy({ $0.name == $1.name }) {
      for index in relation.scope.entries.indices.dropFirst(first) {
        relation.scope.entries[index].isInStar = false
      }
    }
    return relation
  }

  private func viewRelation(_ name: String, _ sql: String, _ position: Int) throws -> Relation {
    guard !shared.views.contains(name) else {
      let cycle = (shared.views.drop { $0 != name } + [name]).map { "\"\($0)\"" }.joined(separator: " → ")
      throw error("views refer to each other in a cycle: \(cycle)", position)
    }
    shared.views.append(name)
    defer { shared.views.removeLast() }
    do {
      let parser = try Parser(sql)
      let statements = try parser.statements()
      guard statements.count == 1, case .query(let node) = statements[0] else {
        throw SQLError("a view is one SELECT", line: 1, column: 1)
      }
      let binder = Binder(parser, shared, view: name)
      binder.depth = depth
      return try binder.query(node, outer: nil)
    } catch let error as SQLError {
      throw self.error("in view \"\(name)\": \(error)", position)
    }
  }
}
