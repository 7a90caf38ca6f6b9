import Clickstream
import Engine
import Foundation
import Jobs
import TestSupport
import Testing

/// What a budget of memory changes: nothing but the files on the way.
@Suite final class FeaturesSpillTests: FeaturesSuite {
  /// Prices and durations whose sums depend on the order of the additions; users of very different size, one with a long name.
  private func writeEvents() throws {
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
      try write("\(file).jsonl", text)
    }
  }

  private func run(_ step: FeaturesStep, memory: Int, order: SequentialSession.Order = .forward) throws -> (
    output: [String: Data], spills: Int
  ) {
    let session = session(order, memory: memory)
    _ = try step.run(session, force: true)
    return (try temporary.files("out"), session.spills)
  }

  @Test(arguments: [8 << 20, 30_000]) func theBudgetDoesNotShow(runBytes: Int) throws {
    try writeEvents()
    var step = try step()
    step.splitBytes = 400_000
    step.partitionBytes = 300_000
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
