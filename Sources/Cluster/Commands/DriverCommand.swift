import Foundation
import Transport

/// `swift-driver`.
package enum DriverCommand {
  package static let command = Command(
    "swift-driver", summary: "Accepts workers and jobs, and runs the jobs on the workers.",
    options: [
      .option(
        "listen", "HOST:PORT", default: "127.0.0.1:7077",
        help: "Where workers and clients connect; port 0 for any."),
      .option(
        "secret-file", "FILE", help: "File with the shared secret; needed to listen beyond this machine."),
      .option(
        "silence", "SECONDS",
        help: "Silence after which a worker counts as lost. Default: \(WorkerCommand.silence)."),
      .flag("quiet", help: "Logs nothing."),
    ] + CommandOption.tls,
    example: """
      swift-driver --listen 127.0.0.1:7077
      swift-driver --listen 0.0.0.0:7077 --secret-file /run/secrets/swiftlet
      """)

  /// Serves until a signal comes. Never returns.
  /// - Parameters:
  ///   - given: The arguments; those of this process where there are none.
  ///   - name: What it is called in another program.
  package static func run(
    _ given: [String]? = nil, as name: String = command.name, registry: StepRegistry = .standard
  ) -> Never {
    let command = command.named(name)
    let arguments = command.parseOrExit(given)
    do {
      let endpoint = try arguments.endpoint("listen")
      var options = Driver.Options()
      options.secret = try arguments.secret()
      if let seconds = try arguments.integer("silence", in: 2...3600) {
        options.scheduler.workerTimeout = .seconds(seconds)
      }
      let log = Log.lines(name, isQuiet: arguments.flag("quiet"))
      let driver = try Driver(registry: registry, options: options, log: log)
      let listener = try driver.listen(on: endpoint, over: TCPTransport(tls: try arguments.tls()))
      log("listening on \(listener.endpoint)")
      let ended = Monitor(false)
      Interrupts.watch {
        log("stopping")
        listener.close()
        driver.close()
        ended.change { $0 = true }
        ExitCode.leave(with: ExitCode.done)
      } last: { _ in
        _exit(ExitCode.interrupted)
      }
      while true { _ = ended.wait(.seconds(3600)) { $0 ? true : nil } }
    } catch let error as UsageError {
      command.exitUsage(error)
    } catch {
      StandardError.write("\(name): \(error)\n")
      ExitCode.leave(with: ExitCode.failed)
    }
  }
}

/// Log lines on stderr, with the time.
enum Log {
  static func lines(_ name: String, isQuiet: Bool) -> @Sendable (String) -> Void {
    if isQuiet { return { _ in } }
    return { line in
      let time = Date().formatted(.iso8601)
      StandardError.write("\(time) \(name): \(line)\n")
    }
  }
}
