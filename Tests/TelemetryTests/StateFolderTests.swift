import Basics
import Foundation
import Jobs
import Telemetry
import TestSupport
import Testing
import Wire

@Suite struct StateFolderTests {
  private let temporary: TemporaryFolder
  private var path: String { temporary.path + "/state" }

  init() throws { temporary = try TemporaryFolder() }

  private func record(_ name: String, at microseconds: Int64, text: String) -> (JobRecord, JobSubmission) {
    let submission = JobSubmission(name: "näme \"x\"", text: text, force: true, isDetached: true)
    let record = JobRecord(
      id: JobID(name), name: submission.name, isDetached: true, digest: submission.digest,
      steps: submission.outline, submitted: Moment(microseconds: microseconds))
    return (record, submission)
  }

  @Test func whatIsSavedIsLoaded() throws {
    let text = #"{"name": "two", "steps": [{"type": "features", "name": "f"}, {"type": "segment"}]}"#
    var ledger = JobLedger()
    let (_, submission) = record("later", at: 2, text: text)
    _ = ledger.submit(submission, as: JobID("later"), at: Moment(microseconds: 2))
    _ = ledger.start(at: Moment(microseconds: 3))
    let report = StepReport(
      output: "s3://b/o", skipped: true, values: ["sizes": [1, 2], "cost": .number(0.1)], text: "a\nb")
    let finished = JobEvent.stepFinished(index: 0, seconds: 1.5, report: report)
    let changed = ledger.apply(finished, to: JobID("later"), at: Moment(microseconds: 4))
    let done = try #require(changed)
    do {
      let folder = try StateFolder(path)
      try folder.save(done, submission)
      let (first, firstSubmission) = record("first", at: 1, text: "{}")
      try folder.save(first, firstSubmission)
      let (gone, goneSubmission) = record("gone", at: 0, text: "{}")
      try folder.save(gone, goneSubmission)
      folder.remove(gone.id)
    }
    let mode = try #require(
      try FileManager.default.attributesOfItem(atPath: path + "/jobs/later.json")[.posixPermissions] as? Int)
    #expect(mode == 0o600, "job files may hold credentials")
    let loaded = try StateFolder(path).load { Issue.record("\($0)") }
    #expect(loaded.map(\.0.id.name) == ["first", "later"])
    let (again, asked) = try #require(loaded.last)
    #expect(asked == submission && again.state == .running && again.nextStep == 1 && again.runs == 1)
    #expect(again.lines == done.lines && again.started == Moment(microseconds: 3))
    #expect(again.steps[0].report?.values == report.values && again.steps[0].report?.text == "a\nb")
    #expect(again.name == "näme \"x\"")
  }

  @Test func aFileThatIsBrokenIsSetAside() throws {
    let folder = try StateFolder(path)
    let (first, submission) = record("first", at: 1, text: "{}")
    try folder.save(first, submission)
    let whole = try String(contentsOfFile: path + "/jobs/first.json", encoding: .utf8)
    let bad = [
      "torn": String(whole.prefix(whole.count / 2)), "empty": "", "other": "[]",
      "later": whole.replacing("\"version\":1", with: "\"version\":2"),
      "changed": whole.replacing("\"text\":\"{}\"", with: "\"text\":\"{ }\""),
    ]
    for (name, text) in bad {
      try temporary.write("state/jobs/\(name).json", text)
    }
    try temporary.write("state/jobs/.7.part", "x")
    var told: [String] = []
    #expect(folder.load { told.append($0) }.map(\.0.id.name) == ["first"])
    #expect(told.count == bad.count && told.allSatisfy { $0.contains("was renamed to") })
    let names = try FileManager.default.contentsOfDirectory(atPath: path + "/jobs")
    #expect(Set(names) == Set(["first.json"] + bad.keys.map { "\($0).json.broken" }))
  }

  @Test func onlyOneDriverKeepsItsStateThere() throws {
    let first = try StateFolder(path)
    #expect(throws: StateError.locked(path)) { try StateFolder(path) }
    withExtendedLifetime(first) {}
  }

  @Test func aFolderThatCannotBeIsAnError() {
    let proc = "/proc/no/such/place"
    #expect(throws: StateError.folder(proc, reason: "cannot be made: No such file or directory")) {
      try StateFolder(proc)
    }
    #expect(throws: StateError.folder("/dev/null", reason: "cannot be made: Not a directory")) {
      try StateFolder("/dev/null")
    }
  }
}
