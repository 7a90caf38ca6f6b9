import Basics
import CommandLine
import Engine
import Foundation
import Jobs
import Transport
import Worker

/// `swift-worker`.
package enum WorkerCommand {
  package static let command = Command(
    "swift-worker", summary: "Joins a driver and runs tasks for it.",
    options: [
      .option("driver", "HOST:PORT", default: "127.0.0.1:7077", help: "The driver to join."),
      .option(
        "cores", "N",
        help: "Executor slots: number of tasks that run at the same time. Default: the machine's cores."),
      .option(
        "memory", "SIZE", default: "2g", help: "Memory limit of the process: tables, shuffle blocks, caches."),
      .option(
        "scratch", "DIR",
        help: "Folder for spilled data. Default: TMPDIR, else /tmp."),
      .option(
        "shuffle", "HOST:PORT", default: "127.0.0.1:0",
        help: "Address where other workers fetch shuffle blocks; they must be able to reach it."),
      .option(
        "rejoin", "SECONDS", default: "60",
        help: "How long to try to reconnect to a lost driver; 0: exit with it."),
      .option(
        "silence", "SECONDS", help: "Silence after which the driver counts as lost. Default: \(silence)."),
      .option("secret-file", "FILE", help: "File with the secret shared with the driver."),
      .flag("quiet", help: "Logs nothing."), .logFormat,
    ] + CommandOption.tls,
    example: """
      swift-worker --driver 127.0.0.1:7077 --cores 4 --memory 8g
      swift-worker --driver driver:7077 --shuffle worker-1:0 --secret-file /run/secrets/swiftlet
      """)

  /// Works until drained (SIGTERM) or the driver is lost for good. Never returns.
  /// - Parameters:
  ///   - given: The arguments; nil for those of this process.
  ///   - name: The command's name in another program.
  ///   - build: See ``Transport/Hello/build``.
  ///   - wrap: Wraps the worker's transport, so that fault tests can wait for a message.
  ///   - adjust: Changes the options last: such a test may divide the memory as no user would.
  package static func run(
    _ given: [String]? = nil, as name: String = command.name, build: String = Version.build,
    registry: OperatorRegistry = StepRegistry.standard.operators,
    through wrap: (any Transport) -> any Transport = { $0 },
    adjust: (inout Worker.Options) -> Void = { _ in }
  ) -> Never {
    command.named(name).run(given) { arguments in
      let log = try arguments.log(name)
      let transport = wrap(TCPTransport(tls: try arguments.tls()))
      var options = try options(arguments)
      options.build = build
      adjust(&options)
      let worker = try Worker(options, registry: registry, over: transport, log: log)
      Interrupts.watch(
        first: {
          log("draining: finishing running tasks")
          worker.drain()
        }, graceSeconds: 60, last: { _ in _exit(ExitCode.interrupted) })
      switch worker.run() {
      case .left:
        log("left")
        ExitCode.leave(with: ExitCode.done)
      case .driverLost(let reason):
        StandardError.write(
          "\(name): the driver at \(try arguments.required("driver")) was lost: \(reason)\n")
        ExitCode.leave(with: ExitCode.failed)
      }
    }
  }

  static let silence = SchedulerConfig().workerTimeout.components.seconds

  private static func options(_ arguments: CommandArguments) throws -> Worker.Options {
    let name = "\(ProcessInfo.processInfo.hostName):\(getpid())"
    var options = Worker.Options(
      driver: try arguments.endpoint("driver"),
      shuffle: try arguments.endpoint("shuffle"), name: name)
    options.slots =
      try arguments.integer("cores", in: 1...4096) ?? ProcessInfo.processInfo.activeProcessorCount
    options.memory = try arguments.bytes("memory") ?? 2 << 30
    if let scratch = arguments.value("scratch") { options.scratch = scratch }
    options.rejoin = .seconds(try arguments.integer("rejoin", in: 0...86_400) ?? 60)
    options.silence = .seconds(try arguments.integer("silence", in: 2...3600) ?? Int(silence))
    options.secret = try arguments.secret()
    return options
  }
}
