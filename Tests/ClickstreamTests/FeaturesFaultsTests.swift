import Basics
import Clickstream
import Engine
import Foundation
import Jobs
import TestSupport
import Testing

/// What users see when an input is not what the step expects.
@Suite final class FeaturesFaultsTests: FeaturesSuite {
  private func run(_ step: FeaturesStep) throws -> StepReport { try step.run(session(), force: true) }

  private func failure(_ step: FeaturesStep) -> String { message { try run(step) } ?? "" }

  private func event(_ time: String, _ more: String = "", user: String = "u") -> String {
    #"{"event_type":"click","timestamp":"\#(time)","user_id":"\#(user)"\#(more)}"# + "\n"
  }

  @Test(arguments: [
    ("[{\"a\":1},", "looks like a JSON array"), ("[]", "looks like a JSON array"),
    ("event_id,event_type,timestamp", "looks like CSV"), ("\"e\";\"t\";\"u\"", "looks like CSV"),
    ("PAR1\u{15}", "looks like Parquet"), ("a\u{1}b", "looks like binary data"),
    ("{", "looks like JSON over several lines"), ("  \"a\": 1,", "looks like JSON over several lines"),
    (
      #"{"event_timestamp":5,"event_name":"x"}"#,
      "missing event_type; found keys event_name, event_timestamp; is this another format?"
    ),
    ("{}", "missing event_type; found no keys"),
    (#"{"event_type":"x","timestamp":1,"user_id":""}"#, "missing user_id; user_id is empty"),
    (#"{"event_type":"x","timestamp":null}"#, "wrong type timestamp; found null"),
    (#"{"event_type":"x","timestamp":"soon","user_id":"u"}"#, "bad timestamp; found \"soon\""),
  ])
  func rejectedLinesSayWhatTheyLookLike(_ line: String, _ hint: String) throws {
    try write("a.jsonl", "\n\(line)\n")
    let message = failure(try step())
    #expect(message.contains("a.jsonl, line 2, offset 1: "), "\(message)")
    #expect(message.contains("\(hint)\n    "), "\(message)")
  }

  @Test func longLinesAreCut() throws {
    try write("a.jsonl", String(repeating: "x\u{1b}", count: 300))
    #expect(failure(try step()).hasSuffix("\n    " + String(repeating: "x\u{fffd}", count: 100) + " …"))
  }

  /// Line numbers count from the start of the file, wherever splits and batches are cut.
  @Test(arguments: [40, 200, 10_000, 1 << 25] as [Int64]) func lineNumbers(_ splitBytes: Int64) throws {
    var expected: [String] = []
    for file in ["a", "b"] {
      var text = ""
      for line in 1...2000 {
        switch line % 97 {
        case 5, 6: text += "\n"
        case 50:
          expected.append("\(file).jsonl\",\"lineNumber\":\(line),\"offset\":\(text.utf8.count),")
          text += "{]\n"
        default: text += event("2025-04-01T10:00:00Z")
        }
      }
      try write("\(file).jsonl", text)
    }
    var step = try step()
    step.splitBytes = splitBytes
    _ = try run(step)
    let kept = try String(contentsOfFile: folder + "/out/_rejected/part-00000.jsonl", encoding: .utf8)
    let lines = kept.split(separator: "\n")
    #expect(lines.count == expected.count)
    for (line, expected) in zip(lines, expected) { #expect(line.contains(expected), "\(line)") }
  }

  @Test func noEventWithinTheDates() throws {
    for day in 10...16 {
      try write("\(day).jsonl", String(repeating: event("2025-03-\(day)T10:00:00Z"), count: day))
    }
    #expect(
      failure(try step()).contains(
        "is within 2025-04-01 to 2025-04-03 (UTC); it has 91 events: 2025-03-10 (10), 2025-03-11 (11), "
          + "2025-03-12 (12), …, 2025-03-16 (16)"))
    #expect(!FileManager.default.fileExists(atPath: folder + "/out"))
    try FileManager.default.removeItem(atPath: folder + "/raw")
    try write("a.jsonl", event("2025-03-31T22:30:00Z") + event("2025-03-31T20:30:00Z"))
    #expect(
      failure(try step(["timeZone": .string("Asia/Tokyo"), "startDate": .string("2025-04-02")])).contains(
        "it has 2 events: 2025-04-01 (2)"))
    try write("a.jsonl", "\n")
    #expect(failure(try step()).hasSuffix("it has no events"))
  }

  @Test func ignoredValuesAreReported() throws {
    let time = "2025-04-01T10:00:00Z"
    try write(
      "a.jsonl",
      event(time, #","price":"12.5","session_id":7"#) + event(time, #","price":"x","device":3"#)
        + event(time, #","price":[]"#) + event("2025-01-01", #","price":[]"#))
    let report = try run(try step())
    #expect(report.values["ignoredValues"] == .object(["price": .integer(2), "device": .integer(1)]))
    #expect(report.text.contains("values of the wrong type were left out: device 1, price 2"))
    #expect(try step().plan().isUpToDate)
    let again = try step().run(session(), force: false)
    #expect(again.skipped && again.values["ignoredValues"] == report.values["ignoredValues"])
  }

  /// Names are bytes: `é` composed and decomposed are two files, beside a manifest too.
  @Test(arguments: [false, true]) func namesThatDifferByUnicodeForm(_ hasManifest: Bool) throws {
    try writeDays(manifest: hasManifest ? #""dateFolders":"dt""# : nil)
    try write("caf\u{e9}.jsonl", event("2025-04-01T10:00:00Z", user: "composed"))
    try write("cafe\u{301}.jsonl", event("2025-04-01T10:00:00Z", user: "decomposed"))
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder + "/raw").count { $0.hasPrefix("caf") } == 2)
    let report = try run(try step())
    #expect(report.values["rowsWritten"] == .integer(4))
    #expect(report.values["recordsRead"] == .integer(hasManifest ? 6 : 12))
  }

  private func writeDays(manifest: String?) throws {
    for day in 1...9 {
      try write("dt=2025-04-0\(day)/part-0.jsonl", event("2025-04-0\(day)T10:00:00Z"))
    }
    // A file that the manifest does not vouch for.
    try write("dt=2025-04-08/other.jsonl", event("2025-04-02T10:00:00Z", user: "other"))
    guard let manifest else { return }
    let files = try (1...9).map {
      let name = "dt=2025-04-0\($0)/part-0.jsonl"
      let size = try Data(contentsOf: URL(fileURLWithPath: folder + "/raw/" + name)).count
      return #"{"name":"\#(name)","rows":1,"bytes":\#(size)}"#
    }
    try write(
      "_SUCCESS",
      #"{"version":1,"step":"events","fingerprint":"","parameters":{},"inputs":[],"sideFiles":[],"rows":9,"bytes":1,"#
        + #""extra":{\#(manifest)},"files":[\#(files.joined(separator: ","))]}"#)
  }

  @Test func foldersOfOtherDatesAreNotRead() throws {
    try writeDays(manifest: #""dateFolders":"dt""#)
    let report = try run(try step())
    #expect(
      report.values["recordsRead"] == .integer(4) && report.values["recordsOutsideRange"] == .integer(0))
    #expect(report.values["rowsWritten"] == .integer(2) && report.values["filesNotRead"] == .integer(6))
    #expect(report.text.contains("6 files in folders of other dates were not read"))
    let facts = try step().plan().facts
    #expect(facts.contains { $0 == ("not read", "6 objects of other dates (2025-04-04 to 2025-04-09)") })
    // Local days reach into the UTC dates beside them.
    let tokyo = try run(try step(["timeZone": .string("Asia/Tokyo")]))
    #expect(tokyo.values["recordsRead"] == .integer(4) && tokyo.values["filesNotRead"] == .integer(6))
    let honolulu = try run(try step(["timeZone": .string("Pacific/Honolulu")]))
    #expect(honolulu.values["recordsRead"] == .integer(5) && honolulu.values["filesNotRead"] == .integer(5))
    let none = failure(try step(["startDate": .string("2025-05-01"), "endDate": .string("2025-05-02")]))
    #expect(
      none.contains("9 files in folders of other dates were not read") && none.contains("2025-04-02 (1)"))
  }

  @Test func folderNamesAreTrustedOnlyOnAWord() throws {
    try writeDays(manifest: nil)
    #expect(try run(try step()).values["recordsRead"] == .integer(10))
    #expect(try run(try step(["dateFolders": .string("dt")])).values["recordsRead"] == .integer(3))
    let none = try step([
      "dateFolders": .string("dt"), "startDate": .string("2025-05-01"), "endDate": .string("2025-05-02"),
    ])
    #expect(failure(none).contains("its folders are of 2025-04-01 to 2025-04-09"))
    #expect(try run(try step(["dateFolders": .string("date")])).values["recordsRead"] == .integer(10))
  }
}
