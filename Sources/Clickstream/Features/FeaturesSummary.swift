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
  private(set) var rejected = RejectCounts()

  init(_ parts: [FeaturesResult]) {
    for part in parts {
      recordsRead &+= part.tally.read
      recordsOutsideRange &+= part.tally.outsideRange
      rowsWritten &+= part.rows
      rejected += part.tally.rejected
    }
    addIgnored { field in parts.reduce(0) { $0 &+ $1.tally.ignoredByField[field.rawValue] } }
  }

  init(_ manifest: Manifest) {
    recordsRead = manifest.count("recordsRead")
    recordsOutsideRange = manifest.count("recordsOutsideRange")
    notRead = manifest.count(FeaturesSummary.notReadKey)
    rejected = RejectCounts(manifest)
    rowsWritten = manifest.rows
    addIgnored { manifest.count("ignored: \($0.name)") }
  }

  private static let notReadKey = "filesNotRead"

  private mutating func addIgnored(_ count: (OptionalField) -> Int) {
    ignoredByField = OptionalField.allCases.map { ($0, count($0)) }.filter { $0.count > 0 }
  }

  /// For the manifest.
  var extra: [String: String] {
    var extra = rejected.extra
    extra["recordsRead"] = "\(recordsRead)"
    extra["recordsOutsideRange"] = "\(recordsOutsideRange)"
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
    if rejected.total > 0 {
      text +=
        "\n\(Quantity.count(rejected.total)) lines are not events (\(rejected.text)); see \(PlainText.path(output, "_rejected"))"
    }
    if !ignoredByField.isEmpty {
      let fields = ignoredByField.map { "\($0.field.name) \(Quantity.count($0.count))" }
      text += "\nvalues of the wrong type were left out: \(fields.joined(separator: ", "))"
    }
    return StepReport(
      output: output, skipped: skipped,
      values: [
        "recordsRead": .count(recordsRead), "recordsRejected": .count(rejected.total),
        "recordsOutsideRange": .count(recordsOutsideRange), "rowsWritten": .count(rowsWritten),
        "filesNotRead": .count(notRead),
        "ignoredValues": .object(
          Dictionary(uniqueKeysWithValues: ignoredByField.map { ($0.field.name, .count($0.count)) })),
        "rejectedByReason": rejected.json,
      ],
      text: text)
  }
}
