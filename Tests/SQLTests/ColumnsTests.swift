import Testing

@testable import SQL

/// Names and types of the columns of queries.
@Suite struct ColumnsTests {
  @Test(arguments: [
    (
      "SELECT Name, sales.PRICE, device.Category FROM sales",
      "name text, price double precision, category text"
    ),
    ("SELECT city, \"City\", CITY AS Town FROM cities", "City text, City text, town text"),
    ("SELECT \"KIND\", Kind FROM cases", "KIND text, Kind text"),
    ("SELECT (device).model, (items[1]).id FROM sales", "model text, id bigint"),
    (
      "SELECT 1, 3000000000, 1.50, 1e3, 'x', NULL, true",
      "?column? integer, ?column? bigint, ?column? decimal(3,2), ?column? double precision, ?column? text, ?column? text, ?column? boolean"
    ),
    ("SELECT -5, -0, - 7", "?column? integer, ?column? integer, ?column? integer"),
    (
      "SELECT count(*), sum(id), avg(price), max(day) FROM sales",
      "count bigint, sum decimal(38,0), avg double precision, max date"
    ),
    (
      "SELECT date '2024-01-02', interval '3' day, timestamp '2024-01-01 10:00', 1::text, try_cast('x' AS bigint)",
      "date date, interval interval, timestamp timestamp, text text, int8 bigint"
    ),
    (
      "SELECT CASE WHEN true THEN 1 ELSE 2.5 END, coalesce(NULL, 3), nullif(1, 2)",
      "case decimal(11,1), coalesce integer, nullif integer"
    ),
    ("VALUES (1, NULL), (2.5, 'x')", "column1 decimal(11,1), column2 text"),
    ("SELECT NULL UNION ALL SELECT 1", "?column? integer"),
    ("SELECT * FROM (VALUES (1, 'x')) AS t(a, \"B\")", "a integer, B text"),
    (
      "SELECT * FROM users NATURAL JOIN (SELECT id, rate FROM quotes) q",
      "id bigint, name text, rate double precision"
    ),
    ("SELECT * FROM users u JOIN cities c USING (id)", "id bigint, name text, user_id bigint, City text"),
    ("SELECT u.* FROM users u JOIN cities c USING (id)", "id bigint, name text"),
    ("SELECT _file, _row FROM users", "_file text, _row bigint"),
    ("SELECT * FROM \"data/x.parquet\"", "a bigint"),
    (
      "SELECT * FROM read_csv('x', columns => '{\"b\": \"decimal(10,2)\", \"c\": \"text[]\"}')",
      "b decimal(10,2), c text[]"
    ),
    (
      "WITH a(x) AS (SELECT id FROM users), b AS (SELECT x AS y FROM a) SELECT * FROM a, b",
      "x bigint, y bigint"
    ),
    ("SELECT * FROM generate_series(1, 3) AS g(n)", "n bigint"),
    ("SELECT t, n FROM sales, unnest(tags) WITH ORDINALITY AS x(t, n)", "t text, n bigint"),
    (
      "SELECT i, i.price FROM sales, unnest(items) AS i",
      "i struct(id bigint, price double precision), price double precision"
    ),
  ])
  func columnsOfQuery(sql: String, expected: String) throws { #expect(try columns(sql) == expected) }

  @Test func describe() throws {
    let statements = try SQLScript.bind(
      "DESCRIBE sales; describe \"x.csv\"; SUMMARIZE SELECT 1 AS a; SHOW TABLES; EXPLAIN ANALYZE SELECT 1",
      catalog: TestCatalog.shop, session: .init(now: 0))
    guard case .describe(let table) = statements[0], case .describe(let file) = statements[1],
      case .summarize(let query) = statements[2], case .showTables = statements[3],
      case .explain(_, isAnalyze: true) = statements[4]
    else {
      Issue.record("unexpected statements")
      return
    }
    #expect(table.fields.count == 11)
    #expect(file.fields.map(\.name) == ["a"])
    #expect(query.fields.map(\.name) == ["a"])
  }
}
