import Basics
import Columns
import Engine
import Formats
import Foundation
import Jobs
import Query
import SQL
import Storage
import Wire

/// The `query` step: SQL over the job's tables. With an output its rows become a table of files; without, they go to the client.
package struct QueryStep: Step {
  package static let type = "query"
  package static let help = "Runs a SQL query over tables and writes its rows."

  package static let fields: [Field] = [
    Field("sql", .string, optional: true, help: "The query."),
    Field("sqlFile", .contents(field: "sql"), optional: true, help: "The path of a file with the query."),
    Field(
      "output", .uri, role: .output, optional: true,
      help: "Folder for the rows; replaced as a whole. Without it the rows go to the client."),
    Field(
      "format", .choice(["parquet", "jsonl", "csv"]), default: .string("parquet"),
      help: "The format of the output."),
    Field(
      "baseFolder", .uri, default: .string("."),
      help: "Folder of relative paths in the query. Default: the one in which the command runs."),
    Field("timeZone", .string, default: .string("UTC"), help: "IANA name of the time zone of the session."),
  ]

  package static var operators: [any Operator.Type] { [QueryOperator.self] }
  package static var spark: SparkSupport { .unsupported("queries have no Spark program yet") }

  private let values: FieldValues
  private let sql: String
  private let output: String?
  private let format: FileSink.Format
  private let timeZone: String

  /// Bytes of rows that a client may be sent.
  private static let maxResultBytes = 64 << 20
  /// Increment this when queries give other rows for the same input.
  private static let programVersion = 1

  package init(_ values: FieldValues) throws(JobFileError) {
    self.values = values
    sql = try values.string("sql")
    output = values.optionalString("output")
    format = FileSink.Format(rawValue: try values.string("format")) ?? .parquet
    timeZone = try values.string("timeZone")
  }

  private var session: SessionContext {
    SessionContext(now: Int64(Date().timeIntervalSince1970 * 1e6), timeZone: timeZone)
  }

  /// - Throws: `JobFailure` with the position in the query.
  private func bind() throws -> (BoundQuery, JobCatalog) {
    let catalog = JobCatalog(
      values.tables, settings: values.settings, base: values.optionalString("baseFolder"))
    do {
      return (try BoundQuery(sql, catalog, session), catalog)
    } catch let error as SQLError {
      throw JobFailure.failed("\(values.location).sql: \(error)")
    }
  }

  private func manifest(_ query: BoundQuery, _ catalog: JobCatalog) -> Manifest {
    let tables = values.tables.map { "\($0.name)=\(JSONText.compact(.object($0.values.values)))" }
    return Manifest(
      step: QueryStep.type,
      program: StepProgram(
        version: QueryStep.programVersion, columns: query.fields.map { "\($0.name) \($0.type.name)" }),
      parameters: [
        "sql": sql, "format": format.rawValue, "timeZone": timeZone, "tables": tables.joined(separator: "\n"),
      ],
      inputs: catalog.objects)
  }

  package func plan() throws -> StepPlan {
    let (query, catalog) = try bind()
    var facts = [("query", sql.split(separator: "\n").joined(separator: " "))]
    for line in query.text.split(separator: "\n") { facts.append(("plan", String(line))) }
    var isUpToDate = false
    if let output {
      facts.append(("output", output))
      isUpToDate = try OutputFolder(output, settings: values.settings).isComplete(
        fingerprint: manifest(query, catalog).fingerprint)
    }
    return StepPlan(facts: facts, stages: [], isUpToDate: isUpToDate)
  }

  package func run(_ session: any JobSession, force: Bool) throws -> StepReport {
    let (query, catalog) = try bind()
    do {
      guard let output else { return try rows(query, session) }
      return try write(query, catalog, output, session, force: force)
    } catch let error as QueryError {
      throw JobFailure.failed("\(values.location).sql: \(SQLError(error, in: sql))")
    }
  }

  private func rows(_ query: BoundQuery, _ session: any JobSession) throws -> StepReport {
    let (result, rejected) = try query.rows(session, settings: values.settings)
    guard result.byteCount <= QueryStep.maxResultBytes else {
      throw JobFailure.failed(
        "the result has \(Quantity.count(result.rows)) rows of \(Quantity.count(result.byteCount)) bytes, more than the "
          + "\(Quantity.count(QueryStep.maxResultBytes)) that a client takes; add LIMIT, or write it to files with an output"
      )
    }
    var report = StepReport(
      output: "", skipped: false, values: ["rows": .count(result.rows), "recordsRejected": .count(rejected)],
      text: "")
    report.rows = SelfDescribedBatch(result).encoded
    return report
  }

  private func write(
    _ query: BoundQuery, _ catalog: JobCatalog, _ output: String, _ session: any JobSession, force: Bool
  ) throws -> StepReport {
    var manifest = manifest(query, catalog)
    let folder = try OutputFolder(output, settings: values.settings)
    if !force, let found = folder.complete(fingerprint: manifest.fingerprint) {
      return StepReport(output: output, skipped: true, values: ["rowsWritten": .count(found.rows)], text: "")
    }
    let run = "\(session.job).\(values.location.filter { $0.isASCII && ($0.isLetter || $0.isNumber) })"
    let committer = try OutputCommitter(
      output: output, run: run, settings: values.settings, fingerprint: manifest.fingerprint)
    defer { committer.abort() }
    try committer.begin(replacingAs: QueryStep.type) { session.status($0) }
    let written = try query.write(
      FileSink(format: format, staging: committer.staging, fields: query.fields), session,
      settings: values.settings)
    var files = written.files
    if files.isEmpty { files = [try empty(query.fields, committer.staging)] }
    try session.checkCancelled()
    manifest.extra["rejected"] = "\(written.rejected)"
    try committer.publish(files: files, manifest: manifest)
    let rows = files.reduce(0) { $0 + $1.rows }
    return StepReport(
      output: output, skipped: false,
      values: ["rowsWritten": .count(rows), "recordsRejected": .count(written.rejected)],
      text: "\(Quantity.count(rows)) rows"
        + (written.rejected > 0 ? ", \(written.rejected) records rejected" : ""))
  }

  /// A result without rows is a file with the columns.
  private func empty(_ fields: [ColumnField], _ staging: StagingArea) throws -> StagedFile {
    try FileSink(format: format, staging: staging, fields: fields).emptyFile(attempt: "driver")
  }
}
