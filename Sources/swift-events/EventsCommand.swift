import CommandLine
import EventGenerator
import Foundation
import Wire

/// `swift-events`: generates files of events.
struct EventsCommand {
  static let command = Command(
    "swift-events",
    summary: "Generates the click stream of a web shop. The same seed gives the same bytes.",
    options: [
      .option(
        "events", "N", help: "Exact number of events. Default: 1000000, or as many as fit into the duration."),
      .option("users", "N", help: "Number of users. Default: one per 100 events."),
      .option("seed", "S", default: "42", help: "Seed, a number from 0."),
      .option("start-date", "YYYY-MM-DD", default: "2025-04-01", help: "First UTC day."),
      .option("days", "N", default: "21", help: "Number of days."),
      .option(
        "output", "URI",
        help: "Output folder (dt=YYYY-MM-DD/part-00000.jsonl.zst …). It appears complete or not at all."),
      .option("format", "FORMAT", default: "jsonl.zst", help: "File format: jsonl, jsonl.zst or jsonl.gz."),
      .option("files-per-day", "N", help: "Files per day. Default: one per 20 million events."),
      .option(
        "kinds", "FILE",
        help: "File for the kind of each user (user_id,kind). Default: _kinds.csv in the output."),
      .option(
        "score", "SEGMENTS",
        help:
          "Generates nothing; compares the segments in a folder with the kinds of users in --kinds and prints "
          + "the adjusted Rand index."),
      .option(
        "bootstrap-servers", "HOST:PORT",
        help: "Kafka brokers to publish to, instead of writing files. Needs --topic."),
      .option("topic", "TOPIC", help: "Kafka topic; messages are keyed by user."),
      .list(
        "conf", "NAME=VALUE",
        help: "With --topic: a property of librdkafka as kafka.NAME=VALUE. Otherwise: an S3 setting, s3.…."),
      .option("rate", "R", help: "Most events per second. Default: 0, no limit."),
      .option(
        "duration", "SECONDS", help: "Stop after rate × duration events; without a rate, after this time."),
      .option("malformed", "SHARE", default: "0", help: "Share of malformed lines among all lines."),
      .option("sessionless", "SHARE", default: "0", help: "Share of sessions without a session_id."),
      .flag("iso-timestamps", help: "Write ISO-8601 timestamps instead of milliseconds."),
      .option("threads", "N", help: "Number of threads. Default: one per core. Does not change the result."),
      .flag("force", help: "Replace the output of an earlier run."),
    ],
    example: """
      swift-events --events 2000000 --users 20000 --output data/raw
      swift-events --bootstrap-servers localhost:9092 --topic clicks --rate 5000 --duration 600
      """)

  private let parameters: GeneratorParameters
  private let output: String
  private let format: EventFormat
  private let kinds: String?
  private let rate: Double?
  private let threads: Int
  private let force: Bool
  private let settings: Settings

  init(_ arguments: CommandArguments) throws(UsageError) {
    settings = try StreamOptions.storeSettings(arguments)
    output = try arguments.required("output")
    kinds = arguments.value("kinds")
    force = arguments.flag("force")
    let formatName = try arguments.required("format")
    guard let format = EventFormat(rawValue: formatName) else {
      throw UsageError("--format: expected jsonl, jsonl.zst or jsonl.gz, found '\(formatName)'")
    }
    self.format = format
    threads =
      try arguments.integer("threads", in: 1...1024) ?? max(1, ProcessInfo.processInfo.activeProcessorCount)
    rate = try StreamOptions.rate(arguments)
    if rate == nil, arguments.value("duration") != nil { throw UsageError("--duration needs --rate") }
    parameters = try StreamOptions.parameters(arguments)
  }

  func run() throws(UsageError) -> Never {
    let files: EventFiles
    do {
      files = EventFiles(
        try EventGenerator(parameters), output: output, format: format, kinds: kinds, threads: threads,
        rate: rate, settings: settings)
    } catch {
      throw UsageError("--\(error)")
    }
    let run = EventsRun(files: files, output: output, total: parameters.events)
    ExitCode.leave(with: run.run(force: force))
  }
}
