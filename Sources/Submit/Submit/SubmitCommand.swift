import Basics
import CommandLine
import Foundation
import Jobs
import SparkProgram
import Telemetry
import Transport

/// `swift-submit`.
package struct SubmitCommand: Sendable {
  /// What a client needs to know besides the job.
  package struct Target: Sendable {
    package let master: Master
    package let secret: Secret?
    package let tls: TLS?
    /// Folder; nil for none.
    package let eventLog: String?
    /// How long to try to reconnect to a lost driver.
    package let rejoin: Duration
  }

  private let command: Command
  private let registry: StepRegistry
  private let console: SubmitConsole
  private let makeClient: @Sendable (Target) throws -> any JobClient
  private let watchInterrupts: Bool

  /// - Parameters:
  ///   - watchInterrupts: Handle the signals of this process; tests do not.
  ///   - makeClient: Throws `UsageError` for a setting that it does not know; anything else means that the job failed.
  package init(
    as command: Command = SubmitOptions.command, registry: StepRegistry, console: SubmitConsole = .standard(),
    watchInterrupts: Bool = true,
    makeClient: @escaping @Sendable (Target) throws -> any JobClient
  ) {
    self.command = command
    self.registry = registry
    self.console = console
    self.watchInterrupts = watchInterrupts
    self.makeClient = makeClient
  }

  /// - Parameter onStart: Receives the job before it is sent; tests interrupt it through this.
  /// - Returns: The exit code.
  package func run(_ arguments: [String], onStart: (SubmittedJob) -> Void = { _ in }) -> Int32 {
    if let first = arguments.first, JobsCommand.names.contains(first) {
      return JobsCommand(first, of: command.name, console: console).run(Array(arguments.dropFirst()))
    }
    if arguments.first == "sql" {
      return SQLCommand(of: command.name, registry: registry, console: console, makeClient: makeClient)
        .run(Array(arguments.dropFirst()))
    }
    do {
      let request = try command.parse(arguments)
      guard case .run(let arguments) = request else {
        console.output(command.text(request) ?? "")
        return ExitCode.done
      }
      if arguments.flag("print-schema") {
        console.output(JobSchema.text(registry))
        return ExitCode.done
      }
      let options = try SubmitOptions(arguments)
      return try run(try options.job(registry: registry), options, onStart)
    } catch let error as JobFileErrors {
      console.error(error.description + "\n")
      return ExitCode.usage
    } catch {
      console.error("\(command.name): \(error)\nTry '\(command.name) --help'.\n")
      return ExitCode.usage
    }
  }

  /// Runs a job that was not read from a file.
  /// - Throws: `UsageError`, or what is wrong with the secret.
  package func run(
    _ job: ResolvedJob, _ options: SubmitOptions, _ onStart: (SubmittedJob) -> Void = { _ in }
  ) throws -> Int32 {
    let target = Target(
      master: options.master, secret: try options.secret(), tls: options.tls,
      eventLog: options.eventLog, rejoin: options.rejoin)
    if case .spark = options.master {
      let program = try SparkJob(job).program
      if options.explain { return explain(program, job, options) }
    }
    if options.explain { return explain(job, options) }
    if options.detach { return detach(job, options, target) }

    let submitted = SubmittedJob(
      job, name: options.name ?? job.name, console: console, quiet: options.quiet)
    onStart(submitted)
    if watchInterrupts {
      let command = command
      Interrupts.watch {
        submitted.interrupt()
      } last: { timedOut in
        submitted.closeDisplay()
        if timedOut { StandardError.write("\(command.name): the job did not stop in time; exiting\n") }
        // No cleaning up: whatever hangs would hang here too.
        _exit(ExitCode.interrupted)
      }
    }
    let summary = submitted.run(job, client: try client(target), force: options.force)
    return finish(summary, options, interrupted: submitted.wasInterrupted)
  }

  private func detach(_ job: ResolvedJob, _ options: SubmitOptions, _ target: Target) -> Int32 {
    guard let client = target.master.driverClient(secret: target.secret, tls: target.tls) else {
      return ExitCode.usage
    }
    let submission = JobSubmission(
      name: options.name ?? job.name, text: job.json, force: options.force, isDetached: true)
    do {
      let document = try client.detach(submission, as: options.id)
      console.output((options.json ? JSONText.compact(document) : document["id"]?.text ?? "") + "\n")
      return ExitCode.done
    } catch {
      console.error("\(command.name): the job was not accepted: \(error)\n")
      return ExitCode.failed
    }
  }

  /// A client that cannot be made is a job that failed, told like one, unless the command line is to blame.
  private func client(_ target: Target) throws(UsageError) -> any JobClient {
    do {
      return try makeClient(target)
    } catch let error as UsageError {
      throw error
    } catch {
      return UnreachableClient(error: error)
    }
  }

  private func explain(_ job: ResolvedJob, _ options: SubmitOptions) -> Int32 {
    let explanation = JobExplanation(job: job, master: options.master)
    if options.json {
      console.output(JSONText.compact(explanation.json) + "\n")
    } else {
      console.output(explanation.text(console.outputStyle))
    }
    console.error(
      console.outputStyle.cleanLines(explanation.errors(of: command.name, file: options.jobFile)))
    return explanation.exitCode
  }

  /// On Spark the plan is Spark's own; what there is to see is the program.
  private func explain(_ program: String, _ job: ResolvedJob, _ options: SubmitOptions) -> Int32 {
    let object: JSONValue = [
      "job": .string(job.name), "master": .string(options.master.description), "program": .string(program),
    ]
    console.output(options.json ? JSONText.compact(object) + "\n" : program)
    return ExitCode.done
  }

  private func finish(_ summary: JobSummary, _ options: SubmitOptions, interrupted: Bool) -> Int32 {
    if options.json {
      console.output(JSONText.compact(summary.json) + "\n")
    } else if !options.quiet {
      console.output(summary.text(console.outputStyle))
    }
    switch summary.progress.outcome {
    case .done: return ExitCode.done
    case .cancelled:
      console.error("\(command.name): the job was cancelled\n")
      return interrupted ? ExitCode.interrupted : ExitCode.failed
    case .failed(let message):
      console.error("\(command.name): the job failed: \(console.outputStyle.cleanLines(message))\n")
      return ExitCode.failed
    case nil: return ExitCode.failed
    }
  }
}

/// Stands for a master that cannot be reached.
private struct UnreachableClient: JobClient {
  let error: any Error

  func submit(
    _ job: String, name: String, force: Bool, onEvent: @escaping @Sendable (JobEvent) -> Void
  ) throws -> any JobHandle {
    throw error
  }
}
