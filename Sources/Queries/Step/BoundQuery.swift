import Columns
import Engine
import Formats
import Query
import SQL
import Storage
import Wire

/// A query of a step, with names and types resolved.
struct BoundQuery {
  private let query: Query

  var fields: [ColumnField] { query.fields }

  /// The plan, a line an operator.
  var text: String { PlanText.text(query) }

  /// - Throws: `SQLError`.
  init(_ sql: String, _ catalog: any Catalog, _ session: SessionContext) throws {
    let statements = try SQLScript.bind(sql, catalog: catalog, session: session)
    guard statements.count == 1 else {
      throw SQLError("expected one query, found \(statements.count)", in: sql, at: 0)
    }
    switch statements[0] {
    case .query(let query): self.query = query
    case .explain, .describe, .summarize, .showTables:
      throw SQLError("expected a query", in: sql, at: 0)
    }
  }

  func rows(_ session: any JobSession, settings: Settings) throws -> ColumnBatch {
    let run = QueryRun(query, session, settings: settings)
    let rows = try run.rows()
    try RejectedLimit.check(run.rejected, 0.05)
    return rows
  }

  func write(
    _ sink: FileSink, _ session: any JobSession, settings: Settings
  ) throws -> (files: [StagedFile], rejected: RejectedRecords) {
    let run = QueryRun(query, session, settings: settings)
    let files = try run.write(sink).flatMap(\.files)
    try RejectedLimit.check(run.rejected, 0.05)
    return (files, run.rejected)
  }
}

/// Fails a query that had to leave out too many records.
enum RejectedLimit {
  static func check(_ rejected: RejectedRecords, _ share: Double) throws {
    guard rejected.exceeds(share) else { return }
    let first = rejected.kept.prefix(3).map { "\n  \($0.summary)" }.joined()
    throw JobFailure.failed(
      "\(rejected.count) of \(rejected.read) records were rejected, more than the share of \(share):\(first)")
  }
}
