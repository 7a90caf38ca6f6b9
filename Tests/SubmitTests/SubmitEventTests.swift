import Basics
import Jobs
import Submit
import Testing
import Wire

@Suite struct SubmitEventTests {
  static func metrics(rows: Int = 0, bytes: Int = 0) -> TaskMetrics {
    var metrics = TaskMetrics()
    metrics.rowsRead = rows
    metrics.bytesRead = bytes
    return metrics
  }

  static let events: [JobEvent] = [
    .accepted(JobID("try-1")), .stepStarted(index: 1, type: "count", name: "ü"),
    .progress([
      StageProgress(
        step: 1, stage: 300, name: "read", tasks: 5, running: 2, done: 1, failedAttempts: 3,
        metrics: metrics(rows: 7, bytes: 1 << 40), elapsedSeconds: 0.25, isDone: true),
      StageProgress(step: 0, stage: 0, name: "", tasks: 0),
    ]),
    .progress([]), .status("iteration 3"), .notice("worker-2 was lost"),
    .stepFinished(
      index: 0, seconds: 1.5,
      report: StepReport(
        output: "/o", skipped: true, values: ["sizes": [1, 2], "cost": .number(0.1), "x": .null], text: "a\nb"
      )),
    .finished(.done), .finished(.failed("why")), .finished(.cancelled),
  ]

  @Test(arguments: events.indices) func survivesTheWire(index: Int) throws {
    let event = Self.events[index]
    let again = try JobEvent(decoding: event.encoded)
    // The order of a dictionary's keys is no part of an event.
    #expect("\(again)".sorted() == "\(event)".sorted())
    #expect(again.encoded == event.encoded)
    // Anything cut off is an error.
    for length in 0..<event.encoded.count {
      #expect(throws: WireError.self) { try JobEvent(decoding: Array(event.encoded.prefix(length))) }
    }
  }

  @Test func hostileBytes() {
    #expect(throws: WireError.self) { try JobEvent(decoding: [99]) }
    #expect(throws: WireError.self) { try JobEvent(decoding: [6, 9]) }
    var writer = ByteWriter()
    writer.string("/o")
    writer.bool(false)
    writer.string("[1]")
    writer.string("")
    #expect(throws: WireError.self) { try StepReport(decoding: writer.bytes) }
    // A list that claims more than there is.
    #expect(throws: WireError.self) { try JobEvent(decoding: [2, 255, 255, 255, 255, 15]) }
  }

  @Test func folding() {
    var progress = JobProgress(name: "try", steps: [("count", "count"), ("group", "g")])
    for event in Self.events.prefix(7) { progress.apply(event) }
    #expect(progress.id == "try-1")
    #expect(progress.current == 1)
    #expect(progress.failedAttempts == 3)
    #expect(progress.notices == ["worker-2 was lost"])
    #expect(progress.status == "")
    #expect(progress.steps[0].isDone && !progress.steps[1].isDone)
    // A stage is replaced by its later state.
    progress.apply(.progress([StageProgress(step: 1, stage: 300, name: "read", tasks: 5, done: 5)]))
    #expect(progress.steps[1].stages.count == 1)
    #expect(progress.steps[1].stages[0].done == 5)
    // Steps that are not there.
    let before = "\(progress.steps)"
    progress.apply(.progress([StageProgress(step: 9, stage: 1, name: "x", tasks: 1)]))
    progress.apply(.stepStarted(index: -1, type: "", name: ""))
    progress.apply(
      .stepFinished(
        index: 2, seconds: 0, report: StepReport(output: "", skipped: false, values: [:], text: "")))
    #expect("\(progress.steps)" == before)
    #expect(progress.current == 1)
  }
}
