import Basics
import CommandLine
import EventGenerator
import Storage
import Wire

/// The options that determine the events, for files and topics alike.
enum StreamOptions {
  /// Events per second that no machine exceeds: the plan for runs limited only by time.
  private static let fastest = 2e6
  private static let mostPlanned = 100e6

  /// nil for no limit.
  static func rate(_ arguments: CommandArguments) throws(UsageError) -> Double? {
    guard let rate = try arguments.number("rate"), rate > 0 else { return nil }
    return rate
  }

  /// `--conf` without a topic.
  static func storeSettings(_ arguments: CommandArguments) throws(UsageError) -> Settings {
    var settings = Settings()
    for (name, value) in try arguments.pairs("conf") {
      guard let key = SettingKey.known.first(where: { $0.name == name }) else {
        throw UsageError(
          "--conf \(name): expected a setting of an object store (s3.…), or kafka.… with --topic")
      }
      if let expectation = key.expectation(of: value) {
        throw UsageError("--conf \(name): expected \(expectation)")
      }
      settings[name] = value
    }
    return settings
  }

  static func parameters(_ arguments: CommandArguments) throws(UsageError) -> GeneratorParameters {
    let events = try events(arguments)
    let date = try arguments.required("start-date")
    guard let startDay = CivilDate.parse(date), startDay >= 0 else {
      throw UsageError("--start-date: expected YYYY-MM-DD from 1970 on, found '\(date)'")
    }
    var parameters = GeneratorParameters(
      events: events, users: try arguments.integer("users") ?? max(1, events / 100),
      seed: UInt64(try arguments.integer("seed") ?? 0), startDay: startDay,
      days: try arguments.integer("days") ?? 1,
      filesPerDay: try arguments.integer("files-per-day"))
    parameters.isoTimestamps = arguments.flag("iso-timestamps")
    parameters.malformedShare = try arguments.number("malformed") ?? 0
    parameters.sessionlessShare = try arguments.number("sessionless") ?? 0
    return parameters
  }

  /// `--events`, but no more than rate × duration.
  private static func events(_ arguments: CommandArguments) throws(UsageError) -> Int {
    let given = try arguments.integer("events", in: 1...1_000_000_000_000)
    guard let duration = try arguments.number("duration") else { return given ?? 1_000_000 }
    guard let rate = try rate(arguments) else {
      return given ?? Int(max(1, min(fastest * duration, mostPlanned)))
    }
    let product = (rate * duration).rounded(.up)
    guard product >= 1, product <= 1e12 else {
      throw UsageError("--rate × --duration: expected from 1 to 1000000000000 events, found \(product)")
    }
    return min(given ?? Int.max, Int(product))
  }
}
