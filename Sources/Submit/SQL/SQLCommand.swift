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

/// `swift-submit sql`.
struct SQLCommand: Sendable {
  private let command: Command
  private let registry: StepRegistry
  private let console: SubmitConsole
  private let makeClient: @Sendable (SubmitCommand.Target) throws -> any JobClient

  init(
    of program: String, registry: StepRegistry, console: SubmitConsole,
    makeClient: @escaping @Sendable (SubmitCommand.Target) throws -> any JobClient
  ) {
    command = SQLOptions.command(of: program)
    self.registry = registry
    self.console = console
    self.makeClient = makeClient
  }

  /// - Returns: The exit code.
  func run(_ arguments: [String]) -> Int32 {
    do {
      let request = try command.parse(arguments.map { $0 == "-f" ? "--file" : $0 })
      guard case .run(let arguments) = request else {
        console.output(command.text(request) ?? "")
        return ExitCode.done
      }
      return try run(try SQLOptions(arguments))
    } catch let error as SQLError {
      console.error("\(command.name): \(error)\n")
      return ExitCode.usage
    } catch let error as JobFileErrors {
      console.error(error.description + "\n")
      return ExitCode.usage
    } catch let error as UsageError {
      console.error("\(command.name): \(error)\nTry '\(command.name) --help'.\n")
      return ExitCode.usage
    } catch {
      console.error("\(command.name): \(error)\n")
      return ExitCode.failed
    }
  }

  private func run(_ options: SQLOptions) throws -> Int32 {
    if options.arguments.flag("show") {
      let name = try options.arguments.required("preset")
      guard let sql = Presets.sql(name) else {
        throw UsageError("--preset: no preset is called '\(name)'" + Nearest.hint(name, among: Presets.names))
      }
      console.output(sql)
      return ExitCode.done
    }
    let session = QuerySession(options, registry, console, makeClient)
    return try session.run(try query(options))
  }

  /// The text of the queries: the argument, a file, or standard input.
  private func query(_ options: SQLOptions) throws -> String {
    if let file = options.arguments.value("file") {
      guard options.arguments.positional.isEmpty else { throw UsageError("give either --file or a query") }
      guard let data = FileManager.default.contents(atPath: file) else {
        throw UsageError("--file: '\(file)' cannot be read")
      }
      guard let text = String(validating: data, as: UTF8.self) else {
        throw UsageError("--file: '\(file)' is not UTF-8")
      }
      return text
    }
    if !options.arguments.positional.isEmpty { return try options.arguments.onePositional() }
    guard isatty(STDIN_FILENO) == 0 else { throw UsageError("the query is missing") }
    guard let text = String(validating: FileHandle.standardInput.readDataToEndOfFile(), as: UTF8.self) else {
      throw UsageError("the query on standard input is not UTF-8")
    }
    return text
  }
}
