import Basics
import Engine
import Foundation
import Jobs
import Storage
import Wire

/// Turns raw events into one row of features per user: a map stage scans and aggregates splits, a shuffle partitions by user, a
/// reduce stage merges and writes Parquet.
package struct FeaturesStep: Step {
  package static let type = "features"
  package static let help = "Turns raw click events (JSON Lines) into one row of features per user (Parquet)."

  package static let fields: [Field] = [
    .input("input", help: "The folder (or one file) of events as JSON Lines, plain or compressed."),
    .output(
      "output", help: "The folder that the table of features is written to; it is replaced as a whole."),
    Field("startDate", .date, help: "The first day whose events count."),
    Field("endDate", .date, help: "The last day whose events count."),
    Field(
      "timeZone", .string, default: .string("UTC"),
      help: "The IANA time zone of days, hours and weekends, like Europe/Berlin."),
    Field(
      "dateFolders", .string, optional: true,
      help:
        "The key of folders whose name is the UTC date of their events, like dt for dt=2025-04-01/: folders of other dates are "
        + "not read. By default the input's manifest says so; ingest and swift-events write it."),
    Field(
      "maxRejectedShare", .number(min: 0, max: 1), default: .number(0.05),
      help: "The step fails if more than this share of the lines are not events."),
    Field(
      "sessionGapMinutes", .integer(min: 0, max: 525_600), default: .integer(30),
      help: "Events of a user without a session_id belong to one session up to this inactivity."),
    Field(
      "rejectedCap", .integer(min: 0, max: 100_000), default: .integer(1000),
      help: "How many of the rejected lines are kept under _rejected/ (all are counted)."),
  ]

  package static let operators: [any Operator.Type] = [FeaturesMap.self, FeaturesReduce.self]
  package static var spark: SparkSupport {
    .program(String(decoding: PackageResources.features_py, as: UTF8.self))
  }

  static let map = StageOutline(
    "scan and aggregate", FeaturesMap.self, "events of a split to partial sums by user and session")
  static let reduce = StageOutline(
    "merge and write", FeaturesReduce.self, "partial sums of a partition's users to rows of Parquet")
  package var stages: [StageOutline] { [FeaturesStep.map, FeaturesStep.reduce] }

  let input: String
  let output: String
  let startDate: String
  let endDate: String
  let timeZone: String
  let range: TimeRange
  let dateFolders: String?
  let maxRejectedShare: Double
  let sessionGapMinutes: Int
  let rejectedCap: Int
  let settings: Settings
  /// Bytes of an uncompressed file per map task. Not a field of the job: the last bits of floating-point sums depend on it.
  package var splitBytes: Int64 = 32 << 20
  /// Uncompressed bytes of input per shuffle partition, 1 or more.
  package var partitionBytes: Int64 = 128 << 20
  /// Bytes of aggregates after which a map task hands them over and starts again. Not a field either.
  package var runBytes = 8 << 20

  package init(_ values: FieldValues) throws(JobFileError) {
    settings = values.settings
    input = try values.string("input")
    output = try values.string("output")
    startDate = try values.string("startDate")
    endDate = try values.string("endDate")
    timeZone = try values.string("timeZone")
    range = try FeaturesStep.range(startDate, endDate, timeZone, values)
    dateFolders = values.optionalString("dateFolders")
    if let key = dateFolders, key.isEmpty || key.utf8.contains(where: { $0 == 0x2f || $0 == 0x3d }) {
      throw values.error("dateFolders", "expected the key of folders like dt=2025-04-01, found \"\(key)\"")
    }
    maxRejectedShare = try values.number("maxRejectedShare")
    sessionGapMinutes = try values.integer("sessionGapMinutes")
    rejectedCap = try values.integer("rejectedCap")
  }

  private static func range(
    _ startDate: String, _ endDate: String, _ timeZone: String, _ values: FieldValues
  ) throws(JobFileError) -> TimeRange {
    let first = try values.date("startDate")
    let last = try values.date("endDate")
    guard first <= last else {
      throw values.error("endDate", "expected a date not before startDate \(startDate), found \(endDate)")
    }
    if timeZone == "UTC",
      let range = TimeRange(start: Int64(first) * LocalClock.day, end: Int64(last + 1) * LocalClock.day)
    {
      return range
    }
    for (name, day) in [("startDate", first), ("endDate", last)] where !LocalClock.dates.contains(day) {
      throw values.error(name, "expected a date from 1900 to 2199, as timeZone is not UTC")
    }
    if let range = TimeRange(timeZone: timeZone, days: first...last) { return range }
    throw values.error(
      "timeZone",
      "expected an IANA time zone like Europe/Berlin, found \"\(timeZone)\""
        + Nearest.hint(timeZone, among: TimeZone.knownTimeZoneIdentifiers))
  }

  /// `2025-04-01 to 2025-04-21 (UTC)`
  var dates: String { "\(startDate) to \(endDate) (\(timeZone))" }

  package func plan() throws -> StepPlan { try FeaturesPlan(self).explanation }

  package func run(_ session: any JobSession, force: Bool) throws -> StepReport {
    let plan = try FeaturesPlan(self)
    if !force, let manifest = plan.completeOutput {
      return FeaturesSummary(manifest).report(output: output, skipped: true)
    }
    guard !plan.objects.isEmpty else {
      throw JobFailure.failed(
        "no event of \(input) is within \(dates): its folders are of \(plan.folders.skippedDates ?? "no dates")"
      )
    }
    let committer = try OutputCommitter(
      output: output, run: session.job.name, settings: settings, fingerprint: plan.manifest.fingerprint)
    defer { committer.abort() }
    try committer.begin(replacingAs: FeaturesStep.type) { session.status($0) }
    let results = try session.run(plan.graph(staging: committer.staging))
    let parts = try results.decoded(FeaturesResult.self, stage: FeaturesStep.reduce.name)
    var summary = FeaturesSummary(parts)
    summary.notRead = plan.folders.skipped
    try check(summary, parts.map(\.tally))
    try session.checkCancelled()
    var manifest = plan.manifest
    manifest.extra = summary.extra
    try committer.publish(
      files: parts.flatMap(\.files), sideFiles: parts.flatMap(\.sideFiles), manifest: manifest)
    RejectedFile.remove(output: output, settings: settings)
    return summary.report(output: output, skipped: false)
  }

  /// Fails if too many lines are not events, or if no event is within the dates.
  private func check(_ summary: FeaturesSummary, _ tallies: [ScanTally]) throws {
    var all = ScanTally(cap: .max)
    for tally in tallies { all.append(tally) }
    if all.exceeds(maxRejectedShare) {
      throw try RejectedFile.failure(
        "\(all.rejected.total) of \(all.read) lines of \(input)", all.rejected, limit: maxRejectedShare,
        lines: all.lines, output: output, settings: settings)
    }
    guard all.read - all.rejected.total == all.outsideRange else { return }
    let dates = all.outsideDates.text.map { "; it has \(Quantity.count(all.outsideRange, "event")): \($0)" }
    let skipped =
      summary.notRead > 0 ? " (\(summary.notRead) files in folders of other dates were not read)" : ""
    throw JobFailure.failed(
      "no event of \(input) is within \(self.dates)\(dates ?? "; it has no events")\(skipped)")
  }
}
