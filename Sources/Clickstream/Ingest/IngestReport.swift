import Basics
import Jobs

/// The report of a finished run.
struct IngestReport {
  /// After the run.
  let position: IngestPosition
  let run: IngestTotals
  let plan: IngestPlan
  let rows: Int

  func report(output: String, skipped: Bool) -> StepReport {
    let partitions = plan.offsets.ranges.count
    var text =
      skipped
      ? "no new events in the \(partitions) partitions of topic \(position.topic)"
      : "\(Quantity.count(rows)) events from the \(partitions) partitions of topic \(position.topic)"
    if run.rejected.total > 0 {
      text +=
        "\n\(Quantity.count(run.rejected.total)) messages are not events (\(run.rejected.text)); see \(PlainText.path(output, "_rejected"))"
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
        "recordsRead": .count(run.recordsRead), "recordsRejected": .count(run.rejected.total),
        "rowsWritten": .count(rows), "lostOffsets": .integer(run.lostOffsets),
        "rejectedByReason": run.rejected.json,
        "topic": .string(position.topic), "offsets": .array(offsets),
        "totalRecordsRead": .count(position.totals.recordsRead),
      ],
      text: text)
  }
}
