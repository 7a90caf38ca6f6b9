import Clickstream
import Engine
import Foundation
import Jobs
import TestSupport
import Testing

/// What a budget of memory changes: nothing but the files on the way.
@Suite struct FeaturesSpillTests {
  private let folder =
    FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path + "/spill-" + UUID().uuidString

  private func step() throws -> FeaturesStep {
    var values = Dictionary(
      uniqueKeysWithValues: FeaturesStep.fields.compactMap { field in
        field.defaultValue.map { (field.name, $0) }
      })
    values["input"] = .string(folder + "/raw")
    values["output"] = .string(folder + "/out")
    values["startDate"] = .string("2025-04-01")
    values["endDate"] = .string("2025-04-03")
    var step = try FeaturesStep(FieldValues(location: "steps[0]", values: values))
    step.splitBytes = 400_000
    step.partitionBytes = 300_000
    return step
  }

  /// Prices and durations whose sums depend on the order of the additions; users of very different size, one with a long name.
  private func writeEvents() throws {
    try FileManager.default.createDirectory(atPath: folder + "/raw", withIntermediateDirectories: true)
    var random = SeededRandom(state: 4)
    for file in 0..<3 {
      var text = ""
      for number in 0..<3000 {
        let time = 1_743_465_600_000 + Int64(random.next() % (3 * 86_400_000))
        let draw = random.next() % 900
        let user = draw == 0 ? String(repeating: "long", count: 50) : "u\(draw * draw / 300)"
        let session = draw % 5 == 0 ? "" : #""session_id":"s\#(random.next() % 9)","#
        text +=
          #"{"event_type":"purchase","timestamp":\#(time),"user_id":"\#(user)",\#(session)"page_url":"/p\#(random.next() % 700)","duration_ms":0.\#(random.next() % 999983),"price":0.\#(random.next())}"#
          + "\n"
        if number % 400 == 0 { text += "no event \(file) \(number)\n" }
      }
      try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/raw/\(file).jsonl"))
    }
  }

  private func run(_ step: FeaturesStep, memory: Int, order: SequentialSession.Order = .forward) throws -> (
    output: [String: Data], spills: Int
  ) {
    let session = SequentialSession(OperatorRegistry(FeaturesStep.operators), order: order, memory: memory)
    _ = try step.run(session, force: true)
    var files: [String: Data] = [:]
    for case let name as String in try #require(FileManager.default.enumerator(atPath: folder + "/out")) {
      files[name] = FileManager.default.contents(atPath: folder + "/out/" + name)
    }
    return (files, session.spills)
  }

  @Test(arguments: [8 << 20, 30_000]) func theBudgetDoesNotShow(runBytes: Int) throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try writeEvents()
    var step = try step()
    step.runBytes = runBytes
    let ample = try run(step, memory: 1 << 30)
    #expect(ample.spills == 0 && ample.output.count > 4)
    var spills = [0]
    // Enough for the parts of a table that was cut once; enough for nothing.
    for memory in [1 << 19, 1] {
      let tight = try run(step, memory: memory, order: .interleaved)
      #expect(tight.output == ample.output)
      spills.append(tight.spills)
    }
    #expect(spills == spills.sorted() && Set(spills).count == 3)
  }
}
