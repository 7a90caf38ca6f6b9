import Basics
import CommandLine
import Engine
import Foundation
import Jobs
import Submit

extension JobProgram {
  /// Runs the program: `submit` runs the job, `driver` and `worker` start a cluster for it, and `run` runs a job file that has
  /// the job as a step. Never returns.
  ///
  /// With `--master local[N]`, driver and workers are threads of the submitting process. With `local-cluster[N]`, the workers
  /// are processes of the same executable. For `swiftlet://HOST:PORT`, the driver there and its workers must also be this
  /// program: no other program contains the job's code.
  public static func main() { JobCommand<Self>().run(Array(CommandLine.arguments.dropFirst())) }
}

struct JobCommand<P: JobProgram> {
  private let program = URL(fileURLWithPath: CommandLine.arguments.first ?? typeName(P.self))
    .lastPathComponent
  private let steps = StepRegistry.including([JobStep<P>.self])

  func run(_ arguments: [String]) -> Never {
    let rest = Array(arguments.dropFirst())
    switch arguments.first {
    case "submit": submit(rest)
    case "run": ExitCode.leave(with: submitCommand(SubmitOptions.command.named("\(program) run")).run(rest))
    case "worker":
      WorkerCommand.run(rest, as: "\(program) worker", build: Build.name(P.name), registry: steps.operators)
    case "driver":
      DriverCommand.run(rest, as: "\(program) driver", build: Build.name(P.name), registry: steps)
    case "--help", "-h":
      print(help, terminator: "")
      exit(ExitCode.done)
    case "--version":
      print("\(program) \(Version.current)")
      exit(ExitCode.done)
    case let other:
      let known = ["submit", "run", "worker", "driver"]
      let problem =
        other.map { "unknown command '\($0)'" + Nearest.hint($0, among: known) }
        ?? "expected one of \(known.joined(separator: ", "))"
      StandardError.write("\(program): \(problem)\nTry '\(program) --help'.\n")
      exit(ExitCode.usage)
    }
  }

  private func submit(_ arguments: [String]) -> Never {
    let command = command
    let given = command.parseOrExit(arguments)
    do {
      ExitCode.leave(with: try submitCommand(command).run(try job(given), try SubmitOptions(given)))
    } catch let error as UsageError {
      command.exitUsage(error)
    } catch {
      command.exitUsage(UsageError("\(error)"))
    }
  }

  private func submitCommand(_ command: Command) -> SubmitCommand {
    SubmitCommand(as: command, registry: steps) { [steps] target in
      target.master.client(
        secret: target.secret, steps: steps, worker: .own(["worker"]), build: Build.name(P.name),
        rejoin: target.rejoin)
    }
  }

  /// The job described by the options, validated like a job file.
  private func job(_ given: CommandArguments) throws -> ResolvedJob {
    var step: [String: JSONValue] = ["type": .string(P.name)]
    var settings: [(name: String, value: String)] = []
    for field in JobStep<P>.fields {
      let name = JobOptions.commandName(field.name)
      if field.kind == .bool {
        if given.flag(name) { step[field.name] = .bool(true) }
      } else if let value = given.value(name) {
        // Passed as a variable, because variables accept numbers as text.
        step[field.name] = .string("${\(field.name)}")
        settings.append((field.name, Variables.escaped(value)))
      }
    }
    let text = JSONText.compact(.object(["name": .string(P.name), "steps": .array([.object(step)])]))
    do {
      return try JobFile(text: text, registry: steps).resolve(
        base: FileManager.default.currentDirectoryPath, settings: settings,
        conf: try SubmitOptions(given).configuration)
    } catch let error as JobFileErrors {
      throw UsageError(error.errors.map(JobCommand.message).joined(separator: "\n"))
    }
  }

  /// Turns `steps[0].minCount: …` into `--min-count: …`.
  private static func message(_ error: JobFileError) -> String {
    guard let dot = error.location.firstIndex(of: "."), error.location.hasPrefix("steps[0].") else {
      return error.description
    }
    return
      "--\(JobOptions.commandName(String(error.location[error.location.index(after: dot)...]))): \(error.message)"
  }

  private var command: Command {
    let own = JobStep<P>.fields.map { field -> CommandOption in
      let name = JobOptions.commandName(field.name)
      if field.kind == .bool { return .flag(name, help: field.help) }
      let standard = field.defaultValue.map(JobOptions.text)
      let help = field.isRequired ? field.help + " Required." : field.help
      // For display only; validation fills in the default.
      return .option(
        name, JobCommand.placeholder(field.kind), help: standard.map { "\(help) Default: \($0)." } ?? help)
    }
    let engine = SubmitOptions.command.options.filter {
      ["master", "conf", "name", "explain", "json", "quiet", "force", "rejoin", "secret-file"].contains(
        $0.name)
    }
    let required = JobStep<P>.fields.filter(\.isRequired).map {
      " --\(JobOptions.commandName($0.name)) \(JobCommand.placeholder($0.kind))"
    }
    return Command(
      "\(program) submit", summary: JobStep<P>.help, options: own + engine,
      example: "\(program) submit --master local[4]\(required.joined())")
  }

  private static func placeholder(_ kind: FieldKind) -> String {
    switch kind {
    case .integer: "N"
    case .number: "X"
    case .uri: "PATH"
    default: "TEXT"
    }
  }

  private var help: String {
    """
    \(JobStep<P>.help)

    Usage: \(program) COMMAND [options]

    Commands:
      submit   Runs the job.
      run      Runs a job file, in which the job is a step of type '\(P.name)'.
      driver   Accepts workers, and jobs of 'submit --master swiftlet://HOST:PORT'.
      worker   Joins a driver and runs tasks for it.

    Every command has --help.

    """
  }
}
