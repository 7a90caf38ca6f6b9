import Basics
import Jobs
import Storage

/// The numbers that a finished step reports. The manifest keeps them for a later run that finds the output up to date.
struct FeaturesSummary: Sendable {
  var recordsRead = 0
  var recordsOutsideRange = 0
  var rowsWritten = 0
  /// Files in folders of other dates, which were not read.
  var notRead = 0
  /// Values of optional fields that were left out because of their type, by field; those that occurred.
  private(set) var ignoredByField: [(field: OptionalField, count: Int)] = []
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
    addIgnored { field in parts.reduce(0) { $0 &+ $1.tally.ignoredByField[field.rawValue] } }
    for reason in RejectReason.allCases {
      let count = parts.reduce(0) { $0 &+ $1.tally.rejectedByReason[Int(reason.rawValue)] }
      if count > 0 { add(reason.description, count) }
    }
  }

  init(_ manifest: Manifest) {
    func number(_ name: String) -> Int { manifest.extra[name].flatMap(Int.init) ?? 0 }
    recordsRead = number("recordsRead")
    recordsOutsideRange = number("recordsOutsideRange")
    notRead = number(FeaturesSummary.notReadKey)
    rowsWritten = manifest.rows
    addIgnored { number("ignored: \($0.name)") }
    for reason in RejectReason.allCases {
      let count = number("rejected: \(reason)")
      if count > 0 { add(reason.description, count) }
    }
  }

  private static let notReadKey = "filesNotRead"

  private mutating func addIgnored(_ count: (OptionalField) -> Int) {
    ignoredByField = OptionalField.allCases.map { ($0, count($0)) }.filter { $0.count > 0 }
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
    for (field, count) in ignoredByField { extra["ignored: \(field.name)"] = "\(count)" }
    if notRead > 0 { extra[FeaturesSummary.notReadKey] = "\(notRead)" }
    return extra
  }

  func report(output: String, skipped: Bool) -> StepReport {
    var text = "\(Quantity.count(rowsWritten)) users from \(Quantity.count(recordsRead)) events"
    if recordsOutsideRange > 0 {
      text += ", \(Quantity.count(recordsOutsideRange)) of them outside of the dates"
    }
    if notRead > 0 { text += "\n\(Quantity.count(notRead)) files in folders of other dates were not read" }
    if recordsRejected > 0 {
      text +=
        "\n\(Quantity.count(recordsRejected)) lines are not events (\(reasons)); see \(PlainText.path(output, "_rejected"))"
    }
    if !ignoredByField.isEmpty {
      let fields = ignoredByField.map { "\($0.field.name) \(Quantity.count($0.count))" }
      text += "\nvalues of the wrong type were left out: \(fields.joined(separator: ", "))"
    }
    return StepReport(
      output: output, skipped: skipped,
      values: [
        "recordsRead": .integer(Int64(recordsRead)), "recordsRejected": .integer(Int64(recordsRejected)),
        "recordsOutsideRange": .integer(Int64(recordsOutsideRange)),
        "rowsWritten": .integer(Int64(rowsWritten)),
        "filesNotRead": .integer(Int64(notRead)),
        "ignoredValues": .object(
          Dictionary(uniqueKeysWithValues: ignoredByField.map { ($0.field.name, .integer(Int64($0.count))) })),
        "rejectedByReason": .object(
          Dictionary(uniqueKeysWithValues: rejectedByReason.map { ($0.reason, .integer(Int64($0.count))) })),
      ],
      text: text)
  }
}
