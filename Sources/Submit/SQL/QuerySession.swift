import Basics
import Columns
import CommandLine
import Formats
import Foundation
import Jobs
import Queries
import Query
import SQL
import Storage
import Transport
import Wire

/// Runs the statements of `swift-submit sql` one after the other and prints what they give.
struct QuerySession {
  private let options: SQLOptions
  private let registry: StepRegistry
  private let console: SubmitConsole
  private let makeClient: @Sendable (SubmitCommand.Target) throws -> any JobClient

  init(
    _ options: SQLOptions, _ registry: StepRegistry, _ console: SubmitConsole,
    _ makeClient: @escaping @Sendable (SubmitCommand.Target) throws -> any JobClient
  ) {
    self.options = options
    self.registry = registry
    self.console = console
    self.makeClient = makeClient
  }

  /// - Returns: The exit code.
  /// - Throws: `SQLError` for a mistake in any of the statements, before the first one runs.
  func run(_ sql: String) throws -> Int32 {
    let jobFile = try options.arguments.value("job").map { path in
      guard let data = FileManager.default.contents(atPath: path) else {
        throw UsageError("--job: '\(path)' cannot be read")
      }
      return String(decoding: data, as: UTF8.self)
    }
    let context = SessionContext(
      now: Int64(Date().timeIntervalSince1970 * 1e6), timeZone: try options.arguments.required("time-zone"))
    let job = try resolved("SELECT 1", jobFile)
    let catalog = JobCatalog(
      job.tables, settings: job.settings, base: FileManager.default.currentDirectoryPath)
    let parts = try StatementText.all(sql)
    let statements = try SQLScript.bind(sql, catalog: catalog, session: context)
    for (statement, text) in zip(statements, parts) {
      let code = try run(statement, text, jobFile, catalog)
      if code != ExitCode.done { return code }
    }
    return ExitCode.done
  }

  private func run(
    _ statement: BoundStatement, _ text: StatementText, _ jobFile: String?, _ catalog: JobCatalog
  ) throws -> Int32 {
    switch statement {
    case .query: return try submit(text.text, jobFile)
    case .explain(let query, let isAnalyze):
      console.output(PlanText.text(query) + "\n")
      guard isAnalyze else { return ExitCode.done }
      return try submit(text.subject, jobFile, isAnalyze: true)
    case .describe(let query):
      try print(TableDescriptions.columns(query.fields))
      return ExitCode.done
    case .summarize(let query):
      return try submit(TableDescriptions.summary(text.subject, query.fields), jobFile)
    case .showTables:
      try print(TableDescriptions.names(catalog.tableNames))
      return ExitCode.done
    }
  }

  private func resolved(_ sql: String, _ jobFile: String?) throws -> ResolvedJob {
    let file = try JobFile(
      text: JSONText.compact(options.job(sql, jobFile: jobFile)), file: options.arguments.value("job"),
      registry: registry)
    return try file.resolve(
      base: FileManager.default.currentDirectoryPath, defaultName: "sql", settings: options.settings,
      conf: options.configuration)
  }

  private func submit(_ sql: String, _ jobFile: String?, isAnalyze: Bool = false) throws -> Int32 {
    let start = ContinuousClock.now
    let job = try resolved(sql, jobFile)
    let target = SubmitCommand.Target(
      master: options.master,
      secret: try Secret.find(
        file: options.arguments.value("secret-file"), environment: ProcessInfo.processInfo.environment),
      tls: try options.arguments.tls(), eventLog: nil, rejoin: .seconds(60))
    let submitted = SubmittedJob(job, name: "sql", console: console, quiet: console.errorStyle() == nil)
    Interrupts.watch {
      submitted.interrupt()
    } last: { _ in
      submitted.closeDisplay()
      _exit(ExitCode.interrupted)
    }
    let summary = submitted.run(job, client: try makeClient(target), force: false)
    switch summary.progress.outcome {
    case .done: break
    case .cancelled:
      console.error("the query was cancelled\n")
      return submitted.wasInterrupted ? ExitCode.interrupted : ExitCode.failed
    case .failed(let message):
      console.error("the query failed: \(console.outputStyle.cleanLines(message))\n")
      return ExitCode.failed
    case nil: return ExitCode.failed
    }
    if isAnalyze { return analyze(summary) }
    guard let report = summary.progress.steps.first?.report else { return ExitCode.failed }
    if report.output.isEmpty {
      if case .integer(let rejected)? = report.values["recordsRejected"], rejected > 0 {
        console.error("\(rejected) records were rejected: they do not fit the columns\n")
      }
      try print(
        try SelfDescribedBatch(decoding: report.rows).batch,
        seconds: (ContinuousClock.now - start) / .seconds(1))
    } else {
      console.output("\(report.text.isEmpty ? "up to date" : report.text) in \(report.output)\n")
    }
    return ExitCode.done
  }

  private func analyze(_ summary: JobSummary) -> Int32 {
    for stage in summary.progress.steps.flatMap(\.stages) {
      let metrics = stage.metrics
      console.output(
        "stage \(stage.stage) (\(stage.name)): \(stage.tasks) tasks, "
          + "\(Quantity.count(metrics[.rowsRead])) rows read, \(Quantity.count(metrics[.bytesRead])) bytes read, "
          + "\(Quantity.count(metrics[.shuffleWriteBytes])) bytes shuffled, \(Quantity.count(metrics[.spilledBytes])) bytes spilled, "
          + "\(metrics[.microseconds] / 1000) ms of task time\n")
    }
    return ExitCode.done
  }

  private func print(_ batch: ColumnBatch, seconds: Double? = nil) throws {
    if options.arguments.flag("csv") {
      let writer = CSVWriter(StandardOutputSink(), batch.fields)
      try writer.write(batch)
      try writer.finish()
    } else if options.arguments.flag("json") {
      let writer = JSONLinesWriter(StandardOutputSink(), batch.fields, isArray: true)
      try writer.write(batch)
      try writer.finish()
    } else {
      console.output(
        try TablePrinter(console.outputStyle, timeZone: options.arguments.required("time-zone")).text(batch))
      let rows = batch.rows == 1 ? "1 row" : "\(Quantity.count(batch.rows)) rows"
      console.output("(\(rows)\(seconds.map { ", " + String(format: "%.3f s", $0) } ?? ""))\n")
    }
  }
}

/// Standard output as a sink of bytes.
private final class StandardOutputSink: ByteSink {
  func write(_ bytes: UnsafeRawBufferPointer) throws {
    if let code = SystemFile.writeAll(Array(bytes), to: STDOUT_FILENO) {
      throw StorageError.invalid(location: "standard output", message: String(cString: strerror(code)))
    }
  }

  func close() {}
  func abort() {}
}
