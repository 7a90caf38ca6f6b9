import Basics
import Foundation

/// How log entries are written: lines for a person on a terminal, JSON lines for whatever collects them elsewhere.
package enum LogFormat: String, CaseIterable, Sendable {
  case text, json

  package static let variable = "SWIFTLET_LOG_FORMAT"

  /// What `--log-format` or the environment says; else what stderr is.
  static func find(_ given: String?, environment: [String: String]) throws(UsageError) -> LogFormat {
    let auto: LogFormat = isatty(STDERR_FILENO) == 1 ? .text : .json
    guard let text = given ?? environment[variable], text != "auto" else { return auto }
    guard let format = LogFormat(rawValue: text) else {
      throw UsageError(
        "\(given == nil ? variable : "--log-format"): expected auto, text or json, found '\(text)'")
    }
    return format
  }

  /// One line, without its end. A message of several lines stays one in JSON.
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
      // In this order: it is read by people, too.
      let text = members.map { "\(JSONText.quoted($0.0)):\(JSONText.compact($0.1))" }
      return "{\(text.joined(separator: ","))}"
    }
  }
}

extension Log {
  /// On stderr.
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
