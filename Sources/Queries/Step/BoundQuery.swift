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

  func rows(_ session: any JobSession, settings: Settings) throws -> (batch: ColumnBatch, rejected: Int) {
    let run = QueryRun(query, session, settings: settings)
    let batch = try run.rows()
    return (batch, try RejectedLimit.check(run.note))
  }

  func write(
    _ sink: FileSink, _ session: any JobSession, settings: Settings
  ) throws -> (files: [StagedFile], rejected: Int) {
    let run = QueryRun(query, session, settings: settings)
    let files = try run.write(sink).flatMap(\.files)
    return (files, try RejectedLimit.check(run.note))
  }
}

/// Fails a query that had to leave out too many records of a table.
enum RejectedLimit {
  /// - Returns: The number of rejected records of all tables.
  static func check(_ note: StageNote) throws -> Int {
    for table in note.tables where table.rejected.exceeds(table.maxRejectedShare) {
      let first = table.rejected.kept.prefix(3).map { "\n  \($0.summary)" }.joined()
      throw JobFailure.failed(
        "\(table.rejected.count) of \(table.rejected.read) records of \(table.name) were rejected, more than the "
          + "maxRejectedShare of \(table.maxRejectedShare):\(first)")
    }
    return note.tables.reduce(0) { $0 + $1.rejected.count }
  }
}
