import Basics
import CommandLine
import Driver
import Foundation
import Jobs
import Telemetry
import Transport
import WebUI

/// `swift-driver`.
package enum DriverCommand {
  package static let command = Command(
    "swift-driver", summary: "Accepts workers and jobs, and runs the jobs on the workers.",
    options: [
      .option(
        "listen", "HOST:PORT", default: "127.0.0.1:7077",
        help: "Address for workers and clients; port 0 picks a free one."),
      .option(
        "secret-file", "FILE", help: "File with the shared secret; required to listen beyond this machine."),
      .option(
        "http", "HOST:PORT", help: "Address of the page, the API and the metrics; port 0 picks a free one."),
      .option(
        "token-file", "FILE",
        help:
          "File with the access token: required for changes over HTTP and to serve beyond this machine. Default: "
          + "the variable \(AccessToken.variable)."),
      .option(
        "state", "DIR", help: "Folder where jobs are saved; the next driver resumes them."),
      .option(
        "rejoin", "SECONDS",
        help: "With --state: how long a job waits for a disconnected client. Default: 30."),
      .option("event-log", "DIR", help: "Writes the events of each job to DIR/ID.jsonl."),
      .option("history", "DIR", help: "Serves the event logs of a folder at --http; runs no jobs."),
      .option("max-jobs", "N", default: "64", help: "Maximum number of running jobs; others are queued."),
      .option(
        "silence", "SECONDS",
        help: "Silence after which a worker counts as lost. Default: \(WorkerCommand.silence)."),
      .flag("print-openapi", help: "Prints the description of the HTTP API."),
      .flag("quiet", help: "Logs nothing."), .logFormat,
    ] + CommandOption.tls,
    example: """
      swift-driver --listen 127.0.0.1:7077 --http 127.0.0.1:8080 --state /var/lib/swiftlet
      swift-driver --listen 0.0.0.0:7077 --secret-file /run/secrets/swiftlet
      swift-driver --history /var/log/swiftlet --http 127.0.0.1:8081
      """)

  /// Serves until a signal arrives. Never returns.
  /// - Parameters:
  ///   - given: The arguments; nil for those of this process.
  ///   - name: The command's name in another program.
  ///   - build: See ``Transport/Hello/build``.
  package static func run(
    _ given: [String]? = nil, as name: String = command.name, build: String = Version.build,
    registry: StepRegistry = .standard
  ) -> Never {
    command.named(name).run(given) { arguments in
      if arguments.flag("print-openapi") {
        StandardOutput.write(OpenAPI.text)
        ExitCode.leave(with: ExitCode.done)
      }
      let log = try arguments.log(name)
      let close = try start(arguments, build, registry, log)
      let ended = Monitor(false)
      Interrupts.watch {
        log("stopping")
        close()
        ended.change { $0 = true }
        ExitCode.leave(with: ExitCode.done)
      } last: { _ in
        _exit(ExitCode.interrupted)
      }
      while true { _ = ended.wait(.seconds(3600)) { $0 ? true : nil } }
    }
  }

  /// - Returns: A function that shuts it down.
  private static func start(
    _ arguments: CommandArguments, _ build: String, _ registry: StepRegistry, _ log: Log
  ) throws -> @Sendable () -> Void {
    let http = try arguments.value("http").map { _ in try arguments.endpoint("http") }
    let token = try arguments.token()
    if let folder = arguments.value("history") {
      guard let http else { throw UsageError("--history: requires --http HOST:PORT") }
      let web = try WebServer(on: http, history: try HistorySource(folder, log: log), token: token, log: log)
      log("page at http://\(web.endpoint)/")
      return { web.close() }
    }
    let endpoint = try arguments.endpoint("listen")
    let telemetry = try Telemetry(eventLog: arguments.value("event-log"), log: log)
    var options = Driver.Options()
    options.build = build
    options.secret = try arguments.secret()
    options.state = arguments.value("state")
    if let seconds = try arguments.integer("rejoin", in: 0...86_400) {
      options.rejoin = .seconds(seconds)
    }
    options.maxJobs = try arguments.integer("max-jobs", in: 1...1024) ?? options.maxJobs
    options.observer = telemetry
    if let seconds = try arguments.integer("silence", in: 2...3600) {
      options.scheduler.workerTimeout = .seconds(seconds)
    }
    let tls = try arguments.tls()
    let driver = try Driver(registry: registry, options: options, log: log)
    let web = try http.map {
      try WebServer(
        on: $0, driver: driver, telemetry: telemetry,
        history: try arguments.value("event-log").map { try HistorySource($0, log: log) }, token: token,
        log: log)
    }
    if let web { log("page at http://\(web.endpoint)/") }
    let listener = try driver.listen(on: endpoint, over: TCPTransport(tls: tls))
    log("listening on \(listener.endpoint)")
    return {
      listener.close()
      driver.close()
      telemetry.close()
      web?.close()
    }
  }
}

extension CommandArguments {
  fileprivate func token() throws(UsageError) -> AccessToken? {
    do throws(SecretError) {
      return try AccessToken.find(
        file: value("token-file"), environment: ProcessInfo.processInfo.environment)
    } catch {
      throw UsageError("--token-file: \(error)")
    }
  }
}
