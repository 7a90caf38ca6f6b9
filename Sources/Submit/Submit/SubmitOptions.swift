import Basics
import CommandLine
import Driver
import Foundation
import Jobs
import Transport
import Wire

/// The command line of `swift-submit`, checked.
package struct SubmitOptions: Sendable {
  package static let command = Command(
    "swift-submit", summary: "Runs the job described by a job file, locally or on a cluster.",
    positional: "job.json",
    options: [
      .option("master", "MASTER", default: "local[*]", help: "Where to run the job: \(Master.forms)."),
      .list("set", "NAME=VALUE", help: "Sets a variable of the job file; the last value wins."),
      .option(
        "vars", "FILE",
        help: "JSON file with variables; they replace those of the job file, and --set replaces them."),
      .list(
        "conf", "NAME=VALUE",
        help: "Sets an engine setting (s3.…, kafka.…); replaces the job file's conf."),
      .option("name", "NAME", help: "Name of the job; replaces the one in the file."),
      .flag("explain", help: "Shows steps, stages, tasks and inputs without running the job."),
      .flag("json", help: "Prints a single JSON object to stdout at the end."),
      .flag("quiet", help: "No progress and no summary."),
      .flag("force", help: "Runs steps even if their output is up to date."),
      .flag("detach", help: "Submits the job to a driver, prints its id and exits."),
      .option(
        "id", "ID", help: "With --detach: the job's id. The same job is not started twice under one id."),
      .option(
        "rejoin", "SECONDS",
        help:
          "How long to try to reconnect to a lost driver that saves its jobs (--state); 0: never. Default: 60."
      ),
      .option(
        "event-log", "DIR", help: "Writes the job's events to DIR/ID.jsonl, for swift-driver --history DIR."),
      .option(
        "secret-file", "FILE",
        help: "File with the secret shared with the driver. Default: the variable \(Secret.variable)."),
      .flag("print-schema", help: "Prints the JSON schema of job files."),
    ] + CommandOption.tls,
    example: """
      swift-submit --master local[4] --set root=/data jobs/segmentation.json
      swift-submit --master swiftlet://driver:7077 --json jobs/segmentation.json
      swift-submit --master swiftlet://driver:7077 --detach jobs/segmentation.json
      swift-submit sql "SELECT count(*) FROM \"events.jsonl\""
      swift-submit status|list|cancel|logs --help
      """)

  /// nil for a job that is made of options.
  package let jobFile: String?
  package let master: Master
  package let settings: [(name: String, value: String)]
  package let variablesFile: String?
  package let configuration: [(name: String, value: String)]
  package let name: String?
  package let explain: Bool
  package let json: Bool
  package let quiet: Bool
  package let force: Bool
  package let detach: Bool
  package let id: JobID?
  package let rejoin: Duration
  package let eventLog: String?
  package let secretFile: String?
  package let tls: TLS?

  package init(_ arguments: CommandArguments) throws(UsageError) {
    jobFile = arguments.command.positional == nil ? nil : try arguments.onePositional()
    master = try Master(try arguments.required("master"))
    settings = try arguments.pairs("set")
    variablesFile = arguments.value("vars")
    configuration = try arguments.pairs("conf")
    name = arguments.value("name")
    explain = arguments.flag("explain")
    json = arguments.flag("json")
    quiet = arguments.flag("quiet")
    force = arguments.flag("force")
    detach = arguments.flag("detach")
    eventLog = arguments.value("event-log")
    let rejoin = try arguments.integer("rejoin", in: 0...86_400)
    self.rejoin = rejoin.map { .seconds($0) } ?? DriverClient.rejoin
    secretFile = arguments.value("secret-file")
    id = try arguments.value("id").map { name throws(UsageError) in try SubmitOptions.id(name) }
    tls = try arguments.tls()
    if let name, name.isEmpty || name.count > 200 { throw UsageError("--name: expected 1 to 200 characters") }
    if case .remote = master {
      guard eventLog == nil else {
        throw UsageError("--event-log: not for a running driver; pass it to swift-driver")
      }
    } else if detach {
      throw UsageError("--detach: requires a running driver: --master swiftlet://host:port")
    } else if rejoin != nil {
      throw UsageError("--rejoin: requires a running driver: --master swiftlet://host:port")
    }
    if id != nil, !detach { throw UsageError("--id: requires --detach") }
  }

  private static func id(_ name: String) throws(UsageError) -> JobID {
    guard JobID.canBeChosen(name) else { throw UsageError("--id: expected \(JobID.rule), found '\(name)'") }
    return JobID(name)
  }

  /// Reads and checks the job.
  /// - Throws: `UsageError` or `JobFileErrors`: the user must change something.
  package func job(registry: StepRegistry) throws -> ResolvedJob {
    guard let jobFile else { throw UsageError("the job file is missing") }
    let text = try SubmitOptions.read(jobFile, what: "the job file")
    let file = try JobFile(text: text, file: jobFile, registry: registry)
    var variables: (file: String, values: [String: JSONValue])?
    if let variablesFile {
      let text = try SubmitOptions.read(variablesFile, what: "--vars")
      variables = (variablesFile, try JobFile.variables(text: text, file: variablesFile))
    }
    let fileName = URL(fileURLWithPath: jobFile).deletingPathExtension().lastPathComponent
    return try file.resolve(
      base: FileManager.default.currentDirectoryPath, defaultName: fileName, variablesFile: variables,
      settings: settings, conf: configuration)
  }

  /// The secret that is shared with a driver: from `--secret-file`, else the environment.
  package func secret() throws(SecretError) -> Secret? {
    try Secret.find(file: secretFile, environment: ProcessInfo.processInfo.environment)
  }

  /// Job files are small; more than 16 MiB is something else.
  private static func read(_ path: String, what: String) throws(UsageError) -> String {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw UsageError("\(what): no such file: '\(path)'")
    }
    guard !isFolder.boolValue else { throw UsageError("\(what): '\(path)' is a folder") }
    let limit = 16 << 20
    let data: Data?
    do {
      let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      defer { try? file.close() }
      data = try file.read(upToCount: limit + 1)
    } catch {
      throw UsageError("\(what): '\(path)' cannot be read: \(error.localizedDescription)")
    }
    guard let data, data.count <= limit else {
      if data == nil { return "" }
      throw UsageError("\(what): '\(path)' is larger than \(limit) bytes")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw UsageError("\(what): '\(path)' is not UTF-8")
    }
    return text
  }
}
