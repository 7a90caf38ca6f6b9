import Basics
import Engine
import Jobs
import Storage
import Wire

/// Raw events to one row of features a user: a map stage that scans and aggregates splits, a shuffle by user, a reduce stage that
/// merges and writes Parquet.
package struct FeaturesStep: Step {
  package static let type = "features"
  package static let help = "Turns raw click events (JSON Lines) into one row of features a user (Parquet)."

  package static let fields: [Field] = [
    Field(
      "input", .uri,
      help: "The folder (or one file) of events as JSON Lines, plain or compressed (gzip, zstd, bzip2, xz)."),
    Field(
      "output", .uri, help: "The folder that the table of features is written to; it is replaced as a whole."),
    Field("startDate", .date, help: "The first UTC day whose events count."),
    Field("endDate", .date, help: "The last UTC day whose events count."),
    Field(
      "maxRejectedShare", .number(min: 0, max: 1), default: .number(0.05),
      help: "The step fails where more than this share of the lines are no events."),
    Field(
      "sessionGapMinutes", .integer(min: 0, max: 525_600), default: .integer(30),
      help: "Events without a session_id belong to one session up to this inactivity of their user."),
    Field(
      "rejectedCap", .integer(min: 0, max: 100_000), default: .integer(1000),
      help: "How many of the rejected lines are kept under _rejected/ (all are counted)."),
  ]

  /// The operators that workers must know.
  package static let operators: [any Operator.Type] = [FeaturesMap.self, FeaturesReduce.self]

  let input: String
  let output: String
  let startDate: String
  let endDate: String
  let range: TimeRange
  let maxRejectedShare: Double
  let sessionGapMinutes: Int
  let rejectedCap: Int
  let settings: Settings
  /// Bytes of an uncompressed file for one map task. No field of the job: floating-point sums depend on it in their last bits.
  package var splitBytes: Int64 = 32 << 20
  /// Uncompressed bytes of input for one shuffle partition, 1 or more.
  package var partitionBytes: Int64 = 128 << 20
  /// Bytes of aggregates after which a map task hands them over and begins anew. As `splitBytes`, no field.
  package var runBytes = 8 << 20

  package init(_ values: FieldValues) throws(JobFileError) {
    settings = values.settings
    input = try FeaturesStep.location("input", values)
    output = try FeaturesStep.location("output", values)
    guard !FeaturesStep.isInside(output, input), !FeaturesStep.isInside(input, output) else {
      throw values.error("output", "expected a folder apart from the input \(input), found \(output)")
    }
    startDate = try values.string("startDate")
    endDate = try values.string("endDate")
    let start = try FeaturesStep.day("startDate", values)
    let end = try FeaturesStep.day("endDate", values)
    guard let range = TimeRange(start: start, end: end + ISO8601.millisecondsPerDay), start <= end else {
      throw values.error("endDate", "expected a date not before startDate \(startDate), found \(endDate)")
    }
    self.range = range
    maxRejectedShare = try values.number("maxRejectedShare")
    guard maxRejectedShare >= 0, maxRejectedShare <= 1 else {
      throw values.error("maxRejectedShare", "expected a number from 0 to 1, found \(maxRejectedShare)")
    }
    sessionGapMinutes = try values.integer("sessionGapMinutes")
    guard (0...525_600).contains(sessionGapMinutes) else {
      throw values.error("sessionGapMinutes", "expected minutes from 0 to 525600, found \(sessionGapMinutes)")
    }
    rejectedCap = try values.integer("rejectedCap")
    guard (0...100_000).contains(rejectedCap) else {
      throw values.error("rejectedCap", "expected a number from 0 to 100000, found \(rejectedCap)")
    }
  }

  private static func location(_ name: String, _ values: FieldValues) throws(JobFileError) -> String {
    do {
      return try ObjectURI(try values.string(name)).resolved().description
    } catch let error as StorageError {
      throw values.error(name, error.description)
    } catch let error as JobFileError {
      throw error
    } catch {
      throw values.error(name, "\(error)")
    }
  }

  private static func day(_ name: String, _ values: FieldValues) throws(JobFileError) -> Int64 {
    let text = try values.string(name)
    guard text.utf8.count == 10, let milliseconds = ISO8601.milliseconds(text) else {
      throw values.error(name, "expected a date like 2025-04-01, found \"\(text)\"")
    }
    return milliseconds
  }

  private static func isInside(_ path: String, _ folder: String) -> Bool {
    path == folder || path.hasPrefix(folder.hasSuffix("/") ? folder : folder + "/")
  }

  package func plan() throws -> StepPlan {
    do {
      return try FeaturesPlan(self).explanation
    } catch StorageError.notFound {
      return FeaturesPlan.early(self)
    }
  }

  package func run(_ session: any JobSession, force: Bool) throws -> StepReport {
    let plan = try FeaturesPlan(self)
    if !force, let manifest = plan.completeOutput {
      return FeaturesSummary(manifest).report(output: output, skipped: true)
    }
    let committer = try OutputCommitter(
      output: output, run: session.job.name, settings: settings, fingerprint: plan.manifest.fingerprint)
    defer { committer.abort() }
    try committer.begin(replacingAs: FeaturesStep.type) { session.status($0) }
    let results = try session.run(plan.graph(staging: committer.staging))
    let parts = try results.map { try decode($0) }
    let summary = FeaturesSummary(parts)
    try check(summary, parts)
    try session.checkCancelled()
    var manifest = plan.manifest
    manifest.extra = summary.extra
    try committer.publish(
      files: parts.flatMap(\.files), sideFiles: parts.flatMap(\.sideFiles), manifest: manifest)
    return summary.report(output: output, skipped: false)
  }

  private func decode(_ result: TaskResult) throws -> FeaturesResult {
    do {
      return try FeaturesResult(decoding: result.payload)
    } catch {
      throw JobFailure.failed("the result of a \(FeaturesReduce.name) task: \(error)")
    }
  }

  /// Fails where too many lines are no events.
  private func check(_ summary: FeaturesSummary, _ parts: [FeaturesResult]) throws(JobFailure) {
    guard Double(summary.recordsRejected) > maxRejectedShare * Double(summary.recordsRead) else { return }
    let first = parts.flatMap(\.tally.lines).map { "\n  " + $0.summary }.joined()
    throw .failed(
      "\(summary.recordsRejected) of \(summary.recordsRead) lines of \(input) are no events, more than "
        + "maxRejectedShare \(maxRejectedShare) allows (\(summary.reasons)); the first:\(first)")
  }
}
