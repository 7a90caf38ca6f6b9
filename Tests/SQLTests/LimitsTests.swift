import Testing

@testable import SQL

/// Queries of extreme size or nesting end in an answer or an error.
@Suite struct LimitsTests {
  @Test(arguments: [
    "SELECT " + String(repeating: "(", count: 1000) + "1" + String(repeating: ")", count: 1000),
    "SELECT 1 FROM users WHERE " + (0..<10_000).map { "id = \($0)" }.joined(separator: " OR "),
    "SELECT '" + String(repeating: "x", count: 1 << 20) + "'",
    "SELECT id" + String(repeating: " + 1", count: 1000) + " FROM users",
    "SELECT 1 FROM users WHERE id IN (" + (0..<20_000).map(String.init).joined(separator: ",") + ")",
  ])
  func answered(sql: String) { #expect(failure(sql) == nil) }

  @Test(arguments: [
    "SELECT 1" + String(repeating: "+1", count: 500_000),
    "SELECT 1" + String(repeating: " UNION SELECT 1", count: 60_000),
    "SELECT " + String(repeating: "(SELECT ", count: 2000) + "1" + String(repeating: ")", count: 2000),
    "SELECT " + String(repeating: "(", count: 100_000),
    "SELECT " + String(repeating: "NOT ", count: 100_000) + "true",
    String(repeating: "SELECT * FROM (", count: 5000) + "SELECT 1" + String(repeating: ") x", count: 5000),
    "SELECT '" + String(repeating: "x", count: 5 << 20) + "'",
    "WITH a0 AS (SELECT id FROM users)"
      + (1..<40).map { ", a\($0) AS (SELECT a.id FROM a\($0 - 1) a JOIN a\($0 - 1) b USING (id))" }.joined()
      + " SELECT * FROM a39",
    "SELECT 1\0",
  ])
  func refused(sql: String) { #expect(failure(sql) != nil) }
}
