import Columns
import Formats
import Query

@testable import SQL

/// Tables that have fields only.
struct TestCatalog: Catalog {
  var tables: [String: FileTable] = [:]
  var views: [String: String] = [:]

  func table(_ name: String) throws -> CatalogTable? {
    views[name].map { .view(sql: $0) } ?? tables[name].map { .files($0) }
  }

  var tableNames: [String] { (Array(tables.keys) + views.keys).sorted() }

  func files(_ paths: [String], _ options: FileTableOptions) throws -> FileTable {
    guard paths.first?.contains("missing") != true else { throw Missing() }
    return Self.table(options.columns ?? [ColumnField("a", .int64, nullable: true)], 1000, options)
  }

  struct Missing: Error, CustomStringConvertible {
    var description: String { "no files at missing" }
  }

  static func table(
    _ fields: [ColumnField], _ bytes: Int64, _ options: FileTableOptions = FileTableOptions()
  ) -> FileTable {
    FileTable(fields: fields + FileTable.pseudoFields, splits: [], options: options, bytes: bytes)
  }

  static func fields(_ fields: KeyValuePairs<String, ColumnType>) -> [ColumnField] {
    fields.map { ColumnField($0.key, $0.value, nullable: true) }
  }

  static let item = ColumnType.structure(fields(["id": .int64, "price": .double]))
  static let parameter = ColumnType.structure(
    fields(["key": .string, "value": .structure(fields(["string_value": .string, "int_value": .int64]))]))

  static let shop = TestCatalog(
    tables: [
      "sales": table(
        fields([
          "id": .int64, "name": .string, "price": .double, "day": .date, "at": .timestamp,
          "tags": .list(.string), "items": .list(item), "params": .list(parameter),
          "device": .structure(fields(["category": .string, "model": .string])), "payload": .json,
          "visitor_id": .int64,
        ]), 1_000_000),
      "users": table(fields(["id": .int64, "name": .string]), 1000),
      "cities": table(fields(["id": .int64, "user_id": .int64, "City": .string]), 10),
      "cases": table(fields(["Kind": .string, "KIND": .string]), 10),
      "quotes": table(fields(["id": .int64, "at": .timestamp, "rate": .double]), 5000),
    ],
    views: [
      "cheap": "SELECT id, name AS label FROM sales WHERE price < 10",
      "cheaper": "SELECT label FROM cheap WHERE id > 5",
      "broken": "SELECT id, nam FROM sales",
      "loop1": "SELECT * FROM loop2",
      "loop2": "SELECT * FROM loop1",
    ])
}

/// The text of the plan of a query.
func plan(_ sql: String, isOptimized: Bool = true) throws -> String {
  PlanText.text(try query(sql, isOptimized: isOptimized))
}

func query(_ sql: String, isOptimized: Bool = true) throws -> Query {
  let statements = try SQLScript.bind(
    sql, catalog: TestCatalog.shop, session: SessionContext(now: 1_700_000_000_000_000),
    isOptimized: isOptimized)
  guard case .query(let query)? = statements.first else { throw TestCatalog.Missing() }
  return query
}

/// Names and types of a query's columns.
func columns(_ sql: String) throws -> String {
  try query(sql).fields.map { "\($0.name) \($0.type.sqlName)" }.joined(separator: ", ")
}

/// The error of a query; nil if there is none.
func failure(_ sql: String) -> String? {
  do {
    _ = try SQLScript.bind(sql, catalog: TestCatalog.shop, session: SessionContext(now: 0))
    return nil
  } catch {
    return "\(error)"
  }
}
