import Basics
import Foundation

/// The format of log entries: text for a terminal, JSON lines for log collectors.
package enum LogFormat: String, CaseIterable, Sendable {
  case text, json

  package static let variable = "SWIFTLET_LOG_FORMAT"

  /// The format from `--log-format` or the environment, else text if stderr is a terminal.
  static func find(_ given: String?, environment: [String: String]) throws(UsageError) -> LogFormat {
    let auto: LogFormat = isatty(STDERR_FILENO) == 1 ? .text : .json
    guard let text = given ?? environment[variable], text != "auto" else { return auto }
    guard let format = LogFormat(rawValue: text) else {
      throw UsageError(
        "\(given == nil ? variable : "--log-format"): expected auto, text or json, found '\(text)'")
    }
    return format
  }

  /// One line without the newline. In JSON, a message with several lines stays one line.
  package func line(_ entry: Log.Entry, program: String) -> String {
    switch self {
    case .text:
      let level = entry.level == .info ? "" : "\(entry.level.rawValue): "
      return "\(entry.at.text) \(program): \(level)\(entry.message)"
    case .json:
      var members: [(String, JSONValue)] = [
        ("time", .string(entry.at.text)), ("level", .string(entry.level.rawValue)),
        ("program", .string(program)), ("message", .string(entry.message)),
      ]
      if let job = entry.job { members.append(("job", .string(job.name))) }
      if let attempt = entry.attempt {
        members.append(("stage", .count(attempt.task.stage.number)))
        members.append(("task", .count(attempt.task.partition)))
        members.append(("attempt", .count(attempt.attempt)))
      }
      if let worker = entry.worker { members.append(("worker", .string(worker))) }
      // In this order, because people read it too.
      let text = members.map { "\(JSONText.quoted($0.0)):\(JSONText.compact($0.1))" }
      return "{\(text.joined(separator: ","))}"
    }
  }
}

extension Log {
  /// Writes to stderr.
  static func standardError(_ program: String, _ format: LogFormat, isQuiet: Bool) -> Log {
    if isQuiet { return .none }
    return Log { entry in StandardError.write(format.line(entry, program: program) + "\n") }
  }
}

extension CommandOption {
  package static let logFormat = CommandOption.option(
    "log-format", "FORMAT",
    help: "text, json, or auto: text on a terminal, JSON lines elsewhere. Default: auto.")
}

extension CommandArguments {
  package func log(_ program: String) throws(UsageError) -> Log {
    let format = try LogFormat.find(
      value("log-format"), environment: ProcessInfo.processInfo.environment)
    return .standardError(program, format, isQuiet: flag("quiet"))
  }
}
