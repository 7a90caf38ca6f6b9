import Basics
import Jobs
import Storage

/// The numbers that a finished step tells; they are kept in the manifest, for the run that finds the output complete.
struct FeaturesSummary: Hashable, Sendable {
  var recordsRead = 0
  var recordsOutsideRange = 0
  var rowsWritten = 0
  /// In the order of the reasons, those that occurred.
  var rejectedByReason: [(reason: String, count: Int)] { Array(zip(names, counts)) }
  private var names: [String] = []
  private var counts: [Int] = []

  init(_ parts: [FeaturesResult]) {
    for part in parts {
      recordsRead &+= part.tally.read
      recordsOutsideRange &+= part.tally.outsideRange
      rowsWritten &+= part.rows
    }
    for reason in RejectReason.allCases {
      let count = parts.reduce(0) { $0 &+ $1.tally.rejectedByReason[Int(reason.rawValue)] }
      if count > 0 { add(reason.description, count) }
    }
  }

  init(_ manifest: Manifest) {
    func number(_ name: String) -> Int { manifest.extra[name].flatMap(Int.init) ?? 0 }
    recordsRead = number("recordsRead")
    recordsOutsideRange = number("recordsOutsideRange")
    rowsWritten = manifest.rows
    for reason in RejectReason.allCases {
      let count = number("rejected: \(reason)")
      if count > 0 { add(reason.description, count) }
    }
  }

  private mutating func add(_ reason: String, _ count: Int) {
    names.append(reason)
    counts.append(count)
  }

  var recordsRejected: Int { counts.reduce(0) { $0 &+ $1 } }

  /// `malformed JSON 3, missing user_id 1`
  var reasons: String { rejectedByReason.map { "\($0.reason) \($0.count)" }.joined(separator: ", ") }

  /// For the manifest.
  var extra: [String: String] {
    var extra = ["recordsRead": "\(recordsRead)", "recordsOutsideRange": "\(recordsOutsideRange)"]
    for (reason, count) in rejectedByReason { extra["rejected: \(reason)"] = "\(count)" }
    return extra
  }

  func report(output: String, skipped: Bool) -> StepReport {
    var text = "\(PlainText.count(rowsWritten)) users from \(PlainText.count(recordsRead)) events"
    if recordsOutsideRange > 0 {
      text += ", \(PlainText.count(recordsOutsideRange)) of them outside of the dates"
    }
    if recordsRejected > 0 {
      text +=
        "\n\(PlainText.count(recordsRejected)) lines were no events (\(reasons)); see \(PlainText.path(output, "_rejected"))"
    }
    if rowsWritten == 0 { text += "\nno event is within the dates: the table has no rows" }
    if skipped { text += "\nthe output was complete already" }
    return StepReport(
      output: output, skipped: skipped,
      values: [
        "recordsRead": .integer(Int64(recordsRead)), "recordsRejected": .integer(Int64(recordsRejected)),
        "recordsOutsideRange": .integer(Int64(recordsOutsideRange)),
        "rowsWritten": .integer(Int64(rowsWritten)),
        "rejectedByReason": .object(
          Dictionary(uniqueKeysWithValues: rejectedByReason.map { ($0.reason, .integer(Int64($0.count))) })),
      ],
      text: text)
  }
}
