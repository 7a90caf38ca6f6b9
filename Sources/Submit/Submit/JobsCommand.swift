import Basics
import CommandLine
import Driver
import Foundation
import Telemetry
import Transport
import Wire

/// `swift-submit status|list|cancel|logs`: asks a driver about detached jobs.
struct JobsCommand: Sendable {
  static let names = ["status", "list", "cancel", "logs"]
  private static let pause: UInt32 = 500_000

  private let what: String
  private let command: Command
  private let console: SubmitConsole

  init(_ what: String, of program: String, console: SubmitConsole) {
    self.what = what
    self.console = console
    var options: [CommandOption] = [
      .option(
        "master", "MASTER", default: "swiftlet://127.0.0.1:7077", help: "The driver: swiftlet://host:port.")
    ]
    let summary: String
    switch what {
    case "status":
      summary = "Shows a job: its state, its steps, and why it failed."
      options.append(.flag("wait", help: "Waits for the job's end; exits with 1 unless it is done."))
    case "list":
      summary = "Lists the jobs of a driver, newest first."
      options.append(
        .option(
          "state", "STATE", help: "Only jobs in this state: queued, running, done, failed or cancelled."))
    case "cancel": summary = "Asks a job to stop."
    default:
      summary = "Shows the log of a job."
      options.append(
        .flag("follow", help: "Follows the log until the job's end; exits with 1 unless it is done."))
    }
    options.append(.flag("json", help: "Prints the document of the HTTP API."))
    options.append(
      .option(
        "secret-file", "FILE",
        help: "File with the secret shared with the driver. Default: the variable \(Secret.variable)."))
    command = Command(
      "\(program) \(what)", summary: summary, positional: what == "list" ? nil : "ID",
      options: options + CommandOption.tls,
      example: "\(program) \(what) --master swiftlet://driver:7077"
        + (what == "list" ? "" : " nightly-2025-04-21"))
  }

  /// - Returns: The exit code.
  func run(_ arguments: [String]) -> Int32 {
    do {
      let request = try command.parse(arguments)
      if case .run(let arguments) = request { return try run(arguments) }
      console.output(command.text(request) ?? "")
      return ExitCode.done
    } catch let error as UsageError {
      console.error("\(command.name): \(error)\nTry '\(command.name) --help'.\n")
      return ExitCode.usage
    } catch {
      console.error("\(command.name): \(error)\n")
      return ExitCode.failed
    }
  }

  private func run(_ arguments: CommandArguments) throws -> Int32 {
    let master = try Master(try arguments.required("master"))
    guard let client = master.driverClient(secret: try arguments.secret(), tls: try arguments.tls()) else {
      throw UsageError("--master: expected swiftlet://host:port, as other drivers end with their job")
    }
    let isJSON = arguments.flag("json")
    guard what != "list" else {
      let state = arguments.value("state") ?? ""
      guard state.isEmpty || JobRecord.State(rawValue: state) != nil else {
        let known = JobRecord.State.allCases.map(\.rawValue).joined(separator: ", ")
        throw UsageError("--state: expected one of \(known), found '\(state)'")
      }
      let document = try client.ask(.list(state: state))
      console.output(
        isJSON ? JSONText.compact(document) + "\n" : JobsText.list(document, console.outputStyle))
      return ExitCode.done
    }
    let name = try arguments.onePositional()
    guard JobID.isValid(name) else { throw UsageError("'\(name)' is not a job id") }
    let id = JobID(name)
    switch what {
    case "status": return try status(id, client, wait: arguments.flag("wait"), isJSON)
    case "logs": return try logs(id, client, follow: arguments.flag("follow"), isJSON)
    default:
      let document = try client.ask(.cancel(id))
      let state = document["state"]?.text ?? ""
      console.output(
        isJSON
          ? JSONText.compact(document) + "\n" : "\(id) is \(state == "running" ? "being cancelled" : state)\n"
      )
      return ExitCode.done
    }
  }

  private func status(_ id: JobID, _ client: DriverClient, wait: Bool, _ isJSON: Bool) throws -> Int32 {
    var document = try client.ask(.status(id))
    while wait, !JobsText.hasEnded(document) {
      usleep(JobsCommand.pause)
      document = try client.ask(.status(id))
    }
    console.output(
      isJSON ? JSONText.compact(document) + "\n" : JobsText.status(document, console.outputStyle))
    return wait && document["state"]?.text != "done" ? ExitCode.failed : ExitCode.done
  }

  private func logs(_ id: JobID, _ client: DriverClient, follow: Bool, _ isJSON: Bool) throws -> Int32 {
    var shown = 0
    while true {
      let document = try client.ask(.logs(id))
      let omitted = document["omitted"]?.int ?? 0
      let lines = document["lines"]?.items ?? []
      // Lines are counted from the job's start, so that dropped lines shift nothing.
      for line in lines.dropFirst(max(0, shown - omitted)) {
        console.output(
          isJSON ? JSONText.compact(line) + "\n" : JobsText.line(line, console.outputStyle) + "\n")
      }
      shown = max(shown, omitted + lines.count)
      guard follow, !JobsText.hasEnded(document) else {
        return follow && document["state"]?.text != "done" ? ExitCode.failed : ExitCode.done
      }
      usleep(JobsCommand.pause)
    }
  }
}
