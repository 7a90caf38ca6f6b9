import Basics
import Foundation

/// A parsed command line.
package enum CommandRequest: Sendable {
  case run(CommandArguments)
  case help
  case version
}

extension Command {
  /// - Parameter arguments: Without the command's own name.
  package func parse(_ arguments: [String]) throws(UsageError) -> CommandRequest {
    var parsed = CommandArguments(command: self)
    var rest = arguments[...]
    var onlyPositional = false
    while let argument = rest.popFirst() {
      if onlyPositional || !argument.hasPrefix("-") || argument == "-" {
        guard positional != nil else {
          throw UsageError("unexpected argument '\(argument)'; \(name) takes only options")
        }
        parsed.positional.append(argument)
        continue
      }
      if argument == "--" {
        onlyPositional = true
        continue
      }
      if argument == "--help" || argument == "-h" { return .help }
      if argument == "--version" { return .version }
      let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
        String.init)
      guard let option = options.first(where: { "--\($0.name)" == parts[0] }) else {
        let known = (options.map(\.name) + ["help", "version"]).map { "--\($0)" }
        throw UsageError("unknown option '\(parts[0])'" + Nearest.hint(parts[0], among: known))
      }
      guard let valueName = option.value else {
        guard parts.count == 1 else {
          throw UsageError("--\(option.name) takes no value, found '\(parts[1])'")
        }
        parsed.given[option.name] = [""]
        continue
      }
      let value = parts.count == 2 ? parts[1] : rest.first.flatMap { $0.hasPrefix("--") ? nil : $0 }
      guard let value else {
        throw UsageError("--\(option.name) needs a value: --\(option.name) \(valueName)")
      }
      if parts.count == 1 { rest = rest.dropFirst() }
      parsed.given[option.name, default: []].append(value)
    }
    return .run(parsed)
  }

  /// Parses arguments, by default those of this process. `--help` and `--version` print to stdout and exit with 0; a mistake is
  /// printed to stderr and exits with 2.
  package func parseOrExit(_ arguments: [String]? = nil) -> CommandArguments {
    do {
      let request = try parse(arguments ?? Array(CommandLine.arguments.dropFirst()))
      if case .run(let arguments) = request { return arguments }
      print(text(request) ?? "", terminator: "")
      exit(ExitCode.done)
    } catch {
      exitUsage(error)
    }
  }

  /// The text that `--help` and `--version` print; nil for other requests.
  package func text(_ request: CommandRequest) -> String? {
    switch request {
    case .run: nil
    case .help: help()
    case .version: "\(name) \(Version.current)\n"
    }
  }

  /// Runs a command that exits by itself. A mistake in the arguments exits with 2, any other error with 1.
  package func run(_ arguments: [String]?, _ body: (CommandArguments) throws -> Never) -> Never {
    let arguments = parseOrExit(arguments)
    do {
      try body(arguments)
    } catch let error as UsageError {
      exitUsage(error)
    } catch {
      StandardError.write("\(name): \(error)\n")
      ExitCode.leave(with: ExitCode.failed)
    }
  }

  /// Prints a mistake to stderr and exits with 2.
  package func exitUsage(_ error: UsageError) -> Never {
    StandardError.write("\(name): \(error)\nTry '\(name) --help'.\n")
    exit(ExitCode.usage)
  }
}
