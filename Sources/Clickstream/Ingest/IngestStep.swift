import Basics
import Engine
import Jobs
import Kafka
import Storage
import Wire

/// Copies new events of a Kafka topic to files by date. Each run appends what arrived since the last one: its files and the offsets
/// they cover are committed in one step, so every event is in the output exactly once, whenever a run is killed.
package struct IngestStep: Step {
  package static let type = "ingest"
  package static let help =
    "Appends the new events of a Kafka topic to a folder of files by UTC date (dt=YYYY-MM-DD/*.jsonl.zst), each exactly once."

  package static let fields: [Field] = [
    .input(
      "input", help: "The topic: kafka://broker:9092/topic; several brokers are separated by commas."),
    .output(
      "output",
      help:
        "The folder that the events are appended to; existing files stay as they are, also with --force."
    ),
    Field(
      "startingOffsets", .string, default: .string("earliest"),
      help: "Where the first run starts: \(OffsetChoice.expected) (by the messages' timestamps)."),
    Field(
      "endingOffsets", .string, default: .string("latest"),
      help: "Where a run ends, in the same forms; this offset is not read."),
    Field(
      "maxOffsetsPerSplit", .integer(min: 1, max: nil), default: .integer(2_000_000),
      help: "The most offsets that one task reads; each task writes a file for every date in them."),
    Field(
      "failOnDataLoss", .bool, default: .bool(true),
      help:
        "Whether the step fails if offsets were deleted before they were read; otherwise they are skipped and counted."
    ),
    Field(
      "timeoutSeconds", .integer(min: 1, max: 86_400), default: .integer(60),
      help: "How long a request to Kafka, or a read without progress, may take."),
    Field(
      "maxRejectedShare", .number(min: 0, max: 1), default: .number(0.05),
      help: "The step fails if more than this share of a run's messages are not events."),
    Field(
      "rejectedCap", .integer(min: 0, max: 100_000), default: .integer(1000),
      help: "How many of a split's rejected messages are kept under _rejected/ (all are counted)."),
  ]

  package static let operators: [any Operator.Type] = [IngestMap.self]
  package static var spark: SparkSupport {
    .unsupported("Spark's Kafka connector commits no offsets with its files; run it on a Swiftlet master")
  }

  static let read = StageOutline(
    "read and write", IngestMap.self, "messages of an offset range to files by date")
  package var stages: [StageOutline] { [IngestStep.read] }

  let settings: Settings
  private(set) var kafka: KafkaConfiguration
  let topic: String
  let output: String
  let starting: OffsetChoice
  let ending: OffsetChoice
  let maxOffsetsPerSplit: Int64
  let failOnDataLoss: Bool
  let maxRejectedShare: Double
  let rejectedCap: Int

  package init(_ values: FieldValues) throws(JobFileError) {
    let input = try values.string("input")
    guard let uri = TopicURI(input) else {
      throw values.error("input", "expected kafka://broker:9092/topic, found \(input)")
    }
    settings = values.settings
    topic = uri.topic
    output = try values.uri("output").description
    starting = try IngestStep.offsets("startingOffsets", values)
    ending = try IngestStep.offsets("endingOffsets", values)
    maxOffsetsPerSplit = Int64(try values.integer("maxOffsetsPerSplit"))
    failOnDataLoss = try values.bool("failOnDataLoss")
    maxRejectedShare = try values.number("maxRejectedShare")
    rejectedCap = try values.integer("rejectedCap")
    kafka = KafkaConfiguration(
      brokers: uri.brokers, settings: values.settings, patience: try values.integer("timeoutSeconds"))
    do {
      try kafka.check()
    } catch {
      throw JobFileError(location: "conf.\(error.location)", message: error.message)
    }
  }

  private static func offsets(_ name: String, _ values: FieldValues) throws(JobFileError) -> OffsetChoice {
    let text = try values.string(name)
    guard let choice = OffsetChoice(text, time: ISO8601.milliseconds) else {
      throw values.error(name, "expected \(OffsetChoice.expected), found \"\(text)\"")
    }
    return choice
  }

  package func plan() throws -> StepPlan {
    // A job waits for a broker that restarts; an explanation, which a person waits for, says that it is not there.
    var quick = self
    quick.kafka.patience = min(kafka.patience, 15)
    return try IngestPlan(quick, manifest: try OutputFolder(output, settings: settings).manifest())
      .explanation
  }

  package func run(_ session: any JobSession, force: Bool) throws -> StepReport {
    let committer = try OutputCommitter(output: output, run: session.job.name, settings: settings)
    defer { committer.abort() }
    // Under the output's lock: no other run moves the position from here on.
    try committer.begin { session.status($0) }
    let plan = try IngestPlan(self, manifest: committer.previous)
    if plan.isUpToDate {
      return IngestReport(position: plan.position, run: IngestTotals(), plan: plan, rows: 0)
        .report(output: output, skipped: true)
    }
    let results = plan.splits.isEmpty ? [] : try session.run(plan.graph(staging: committer.staging))
    let parts = try results.decoded(IngestResult.self, stage: IngestStep.read.name)
    let totals = IngestTotals(parts, lost: plan.offsets.lost)
    try check(totals, parts)
    try session.checkCancelled()
    var position = plan.position
    position.append(plan.offsets.ranges, totals)
    let next = Manifest(
      step: IngestStep.type, program: IngestStep.program, parameters: ["topic": topic], inputs: [],
      extra: position.extra)
    let files = parts.flatMap(\.files)
    try committer.publish(files: files, sideFiles: parts.flatMap(\.sideFiles), manifest: next, appends: true)
    RejectedFile.remove(output: output, settings: settings)
    return IngestReport(position: position, run: totals, plan: plan, rows: files.reduce(0) { $0 + $1.rows })
      .report(output: output, skipped: false)
  }

  private static let program = StepProgram(version: 1)

  /// Fails if too many messages are not events.
  private func check(_ totals: IngestTotals, _ parts: [IngestResult]) throws {
    guard Double(totals.rejected.total) > maxRejectedShare * Double(totals.recordsRead) else { return }
    throw try RejectedFile.failure(
      "\(totals.rejected.total) of \(totals.recordsRead) messages of topic \(topic)", totals.rejected,
      limit: maxRejectedShare, lines: parts.flatMap(\.tally.lines), output: output, settings: settings)
  }
}
