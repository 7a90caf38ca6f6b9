import Basics
import Clickstream
import Engine
import Foundation
import Jobs
import TestSupport
import Testing

@Suite final class FeaturesStepTests: FeaturesSuite {
  /// Prices whose sum depends on the order of the additions.
  private func writeEvents() throws {
    var random = SeededRandom(state: 4)
    for file in 0..<3 {
      var text = ""
      for _ in 0..<800 {
        let time = 1_743_465_600_000 + Int64(random.next() % (3 * 86_400_000))
        text +=
          #"{"event_type":"purchase","timestamp":\#(time),"user_id":"u\#(random.next() % 40)","price":0.\#(random.next())}"#
          + "\n"
      }
      try write("\(file).jsonl", text)
    }
  }

  @Test func theOrderOfTasksDoesNotShow() throws {
    try writeEvents()
    var step = try step()
    step.splitBytes = 10_000
    step.partitionBytes = 50_000
    var outputs: [[String: Data]] = []
    for order in [SequentialSession.Order.forward, .backward, .interleaved] {
      let report = try step.run(session(order), force: true)
      #expect(report.values["rowsWritten"] == .integer(40) && report.values["recordsRead"] == .integer(2400))
      outputs.append(try temporary.files("out"))
    }
    #expect(outputs[0].count == 6 && outputs[0]["_SUCCESS"] != nil)
    #expect(outputs[0] == outputs[1] && outputs[0] == outputs[2])
    #expect(try step.plan().isUpToDate)
  }

  @Test func aFailedRunLeavesTheOldOutput() throws {
    try writeEvents()
    let step = try step()
    let session = session()
    _ = try step.run(session, force: false)
    let before = try temporary.files("out")
    try write("broken.jsonl", String(repeating: "{\"event_type\":\n", count: 200))
    #expect {
      try step.run(session, force: false)
    } throws: { error in
      "\(error)".hasPrefix("200 of 2600 lines of")
        && "\(error)".contains("broken.jsonl, line 1, offset 0: malformed JSON\n    {\"event_type\":\n")
        && "\(error)".contains("broken.jsonl, line 2, offset 15: malformed JSON")
        && "\(error)".contains("they are kept in \(folder)/out/_rejected/failed.jsonl;")
    }
    #expect(try temporary.files("out").filter { !$0.key.hasPrefix("_rejected") } == before)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["out", "raw"])
    #expect(try step.plan().isUpToDate == false)
    let kept = try String(contentsOfFile: folder + "/out/_rejected/failed.jsonl", encoding: .utf8).split(
      separator: "\n")
    #expect(kept.count == 200 && kept[150].contains("\"lineNumber\":151,\"offset\":2250,"))
    // They are not in the way of the next run, which removes them.
    try FileManager.default.removeItem(atPath: folder + "/raw/broken.jsonl")
    #expect(try step.run(session, force: false).skipped)
    _ = try step.run(session, force: true)
    #expect(!FileManager.default.fileExists(atPath: folder + "/out/_rejected"))
  }

  @Test(
    arguments: [
      (["endDate": .string("2025-03-31")], "steps[0].endDate"),
      (["startDate": .string("yesterday")], "steps[0].startDate"),
      (["startDate": .string("2025-04-01T00:00")], "steps[0].startDate"),
      (["timeZone": .string("Europe/Berlni")], "steps[0].timeZone"),
      (["timeZone": .string("")], "steps[0].timeZone"),
      (["timeZone": .string("Europe/Berlin"), "startDate": .string("1899-12-31")], "steps[0].startDate"),
      (["dateFolders": .string("a/b")], "steps[0].dateFolders"),
    ] as [([String: JSONValue], String)])
  func mistakesNameTheirLocation(_ changes: [String: JSONValue], _ location: String) {
    #expect {
      var members = values(changes).values
      members["type"] = "features"
      let text = JSONText.compact(["steps": [.object(members)]])
      _ = try JobFile(text: text, registry: StepRegistry([FeaturesStep.self])).resolve(base: "/")
    } throws: { error in (error as? JobFileErrors)?.errors.map(\.location) == [location] }
  }

  @Test func brokenParametersAndInputsAreRefused() throws {
    for operatorType in FeaturesStep.operators {
      for bytes in [[], [1, 2, 3], [UInt8](repeating: 0xff, count: 64)] {
        #expect(throws: (any Error).self) { try operatorType.init(parameters: bytes) }
      }
    }
  }
}
