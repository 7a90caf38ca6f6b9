import Basics
import Jobs

/// The report of a finished run.
struct IngestReport {
  private let position: IngestPosition
  private let run: IngestTotals
  private let plan: IngestPlan
  private let rows: Int

  /// - Parameter position: After the run.
  init(_ position: IngestPosition, run: IngestTotals, _ plan: IngestPlan, rows: Int) {
    self.position = position
    self.run = run
    self.plan = plan
    self.rows = rows
  }

  func report(output: String, skipped: Bool) -> StepReport {
    let partitions = plan.offsets.ranges.count
    var text =
      skipped
      ? "no new events in the \(partitions) partitions of topic \(position.topic)"
      : "\(Quantity.count(rows)) events from the \(partitions) partitions of topic \(position.topic)"
    if run.recordsRejected > 0 {
      text +=
        "\n\(Quantity.count(run.recordsRejected)) messages are not events (\(run.reasons)); see \(PlainText.path(output, "_rejected"))"
    }
    if run.lostOffsets > 0 {
      text +=
        "\n\(Quantity.count(Int(run.lostOffsets))) offsets were deleted before they were read (failOnDataLoss is false)"
    }
    let offsets = plan.offsets.ranges.map {
      JSONValue.object([
        "partition": .integer(Int64($0.partition)), "start": .integer($0.start), "end": .integer($0.end),
      ])
    }
    return StepReport(
      output: output, skipped: skipped,
      values: [
        "recordsRead": .integer(Int64(run.recordsRead)),
        "recordsRejected": .integer(Int64(run.recordsRejected)),
        "rowsWritten": .integer(Int64(rows)), "lostOffsets": .integer(run.lostOffsets),
        "rejectedByReason": .object(
          Dictionary(
            uniqueKeysWithValues: run.rejectedByReason.map {
              ($0.reason.description, .integer(Int64($0.count)))
            })),
        "topic": .string(position.topic), "offsets": .array(offsets),
        "totalRecordsRead": .integer(Int64(position.totals.recordsRead)),
      ],
      text: text)
  }
}
