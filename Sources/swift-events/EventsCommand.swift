import CommandLine
import EventGenerator
import Foundation
import Wire

/// `swift-events`: from its arguments to files of events.
struct EventsCommand {
  static let command = Command(
    "swift-events",
    summary: "Generates the click stream of a web shop: one seed, one result, to the byte.",
    options: [
      .option("events", "N", help: "Events, exactly. Default: 1000000, or as many as fit into the duration."),
      .option("users", "N", help: "Users. Default: one for every 100 events."),
      .option("seed", "S", default: "42", help: "Any number from 0."),
      .option("start-date", "YYYY-MM-DD", default: "2025-04-01", help: "First day, UTC."),
      .option("days", "N", default: "21", help: "Days."),
      .option(
        "output", "URI",
        help: "Folder for dt=YYYY-MM-DD/part-00000.jsonl.zst and so on; appears complete or not at all."),
      .option("format", "FORMAT", default: "jsonl.zst", help: "jsonl, jsonl.zst or jsonl.gz."),
      .option("files-per-day", "N", help: "Default: one for every 20 million events."),
      .option(
        "kinds", "FILE",
        help: "Where the kind of each user goes (user_id,kind). Default: _kinds.csv in the output."),
      .option(
        "score", "SEGMENTS",
        help:
          "Generates nothing: compares the segments in a folder with the users' kinds of --kinds, and prints "
          + "the adjusted Rand index."),
      .option(
        "bootstrap-servers", "HOST:PORT", help: "Kafka brokers to publish to instead of files, with --topic."),
      .option("topic", "TOPIC", help: "Kafka topic; messages are keyed by user."),
      .list(
        "conf", "NAME=VALUE",
        help: "With --topic: any property of librdkafka as kafka.NAME=VALUE. Else: settings of S3, s3.…."),
      .option("rate", "R", help: "Events a second at most; 0, the default: as fast as can be."),
      .option(
        "duration", "SECONDS", help: "Stop after rate × duration events, or at rate 0 after this time."),
      .option("malformed", "SHARE", default: "0", help: "Share of lines that are broken, beside the events."),
      .option("sessionless", "SHARE", default: "0", help: "Share of sessions without a session_id."),
      .flag("iso-timestamps", help: "ISO-8601 timestamps instead of milliseconds."),
      .option("threads", "N", help: "Default: one for every core. Does not change the result."),
      .flag("force", help: "Replace what an earlier run wrote to the output."),
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
