import Basics
import Jobs
import Telemetry
import Testing
import Wire

private func submission(_ text: String = "{}", force: Bool = false) -> JobSubmission {
  JobSubmission(name: "job", text: text, force: force, isDetached: true)
}

private let text = #"{"name": "two", "steps": [{"type": "features", "name": "f"}, {"type": "segment"}]}"#

private func moment(_ seconds: Int64) -> Moment {
  Moment(microseconds: 1_700_000_000_000_000 + seconds * 1_000_000)
}

@Suite struct JobLedgerTests {
  private func ledger(running: Int = 2, queued: Int = 3, ended: Int = 2) -> JobLedger {
    var limits = JobLedger.Limits()
    (limits.running, limits.queued, limits.ended) = (running, queued, ended)
    return JobLedger(limits: limits)
  }

  @Test func theSameUnderOneIdIsOneJob() {
    var ledger = ledger()
    guard case .accepted(let record) = ledger.submit(submission(text), as: JobID("a"), at: moment(0)) else {
      Issue.record("not accepted")
      return
    }
    #expect(record.state == .queued && record.steps.map(\.name) == ["f", "segment"])
    _ = ledger.start(at: moment(1))
    guard case .known(let known) = ledger.submit(submission(text), as: JobID("a"), at: moment(2)) else {
      Issue.record("not known")
      return
    }
    #expect(known.state == .running && known.submitted == moment(0))
    for other in [submission(text, force: true), submission("{}")] {
      guard case .conflict = ledger.submit(other, as: JobID("a"), at: moment(2)) else {
        Issue.record("no conflict")
        return
      }
    }
    #expect(ledger.list(nil).count == 1)
  }

  @Test func jobsWaitForRoomInTheirOrder() {
    var ledger = ledger(queued: 10)
    for name in ["a", "b", "c", "d"] { _ = ledger.submit(submission(), as: JobID(name), at: moment(0)) }
    #expect(ledger.start(at: moment(1)).map(\.record.id.name) == ["a", "b"])
    #expect(ledger.start(at: moment(1)).isEmpty && ledger.waitingCount == 2)
    #expect(ledger.apply(.finished(.done), to: JobID("b"), at: moment(2))?.state == .done)
    #expect(ledger.start(at: moment(2)).map(\.record.id.name) == ["c"])
    #expect(ledger.list(.running).map(\.id.name) == ["c", "a"])
  }

  @Test func tooManyAreRefused() {
    var ledger = ledger()
    for name in ["a", "b", "c"] { _ = ledger.submit(submission(), as: JobID(name), at: moment(0)) }
    guard case .full(3) = ledger.submit(submission(), as: JobID("d"), at: moment(0)) else {
      Issue.record("accepted")
      return
    }
    ledger.withdraw(JobID("c"))
    guard case .accepted = ledger.submit(submission(), as: JobID("d"), at: moment(0)) else {
      Issue.record("refused")
      return
    }
    #expect(ledger[JobID("c")] == nil)
  }

  @Test func cancelOfOneThatWaitsEndsIt() {
    var ledger = ledger(running: 1)
    for name in ["a", "b"] { _ = ledger.submit(submission(), as: JobID(name), at: moment(0)) }
    _ = ledger.start(at: moment(0))
    guard case .waiting = ledger.cancel(JobID("b")), case .running = ledger.cancel(JobID("a")),
      case .unknown = ledger.cancel(JobID("x"))
    else {
      Issue.record("\(ledger.cancel(JobID("b")))")
      return
    }
    #expect(ledger.apply(.finished(.cancelled), to: JobID("b"), at: moment(1))?.state == .cancelled)
    #expect(ledger.waitingCount == 0 && ledger.runningCount == 1)
    guard case .ended = ledger.cancel(JobID("b")) else {
      Issue.record("not ended")
      return
    }
    // What comes after the end changes nothing.
    #expect(ledger.apply(.finished(.failed("late")), to: JobID("b"), at: moment(2)) == nil)
    #expect(ledger[JobID("b")]?.state == .cancelled)
  }

  @Test func aNewDriverGoesOnBehindTheStepsThatAreDone() throws {
    var first = ledger()
    _ = first.submit(submission(text), as: JobID("a"), at: moment(0))
    let started = first.start(at: moment(1))
    let begun = try #require(started.first)
    #expect(begun.record.runID.name == "a" && begun.record.nextStep == 0)
    _ = first.apply(.stepStarted(index: 0, type: "features", name: "f"), to: JobID("a"), at: moment(1))
    let report = StepReport(output: "file:/out", skipped: false, values: ["rows": 7], text: "seven")
    let changed = first.apply(
      .stepFinished(index: 0, seconds: 2, report: report), to: JobID("a"), at: moment(3))
    let kept = try #require(changed)

    var second = ledger()
    second.restore([(kept, submission(text))])
    let restarted = second.start(at: moment(10))
    let again = try #require(restarted.first)
    #expect(again.record.nextStep == 1 && again.record.runs == 2)
    // Tasks of the time before may still write files under the names of the first run.
    #expect(again.record.runID.name == "a.r2" && again.record.id.name == "a")
    #expect(again.record.started == moment(1) && again.record.steps[0].report?.text == "seven")
  }

  /// A client that comes back is told what it would have heard, whenever it does.
  @Test func theStoryIsThatOfTheEvents() throws {
    var ledger = ledger()
    let id = JobID("a")
    _ = ledger.submit(submission(text), as: id, at: moment(0))
    _ = ledger.start(at: moment(1))
    let report = StepReport(output: "/o", skipped: false, values: ["rows": 5], text: "x")
    let events: [JobEvent] = [
      .stepStarted(index: 0, type: "features", name: "f"),
      .stepFinished(index: 0, seconds: 2, report: report),
      .stepStarted(index: 1, type: "segment", name: "segment"), .status("iteration 3"),
      .finished(.failed("no room")),
    ]
    var stories: [[String]] = []
    for event in [nil] + events.map(Optional.some) {
      if let event { _ = ledger.apply(event, to: id, at: moment(2)) }
      stories.append(try #require(ledger[id]).story.map { "\($0)" })
    }
    func told(_ events: JobEvent...) -> [String] { ([.accepted(id)] + events).map { "\($0)" } }
    #expect(
      stories == [
        told(), told(events[0]), told(events[1]), told(events[1], events[2]),
        told(events[1], events[2], events[3]), told(events[1], events[4]),
      ])
  }

  @Test func oldOnesAreForgotten() {
    var ledger = ledger(running: 10, queued: 10)
    for name in ["a", "b", "c", "d"] { _ = ledger.submit(submission(), as: JobID(name), at: moment(0)) }
    _ = ledger.start(at: moment(0))
    for name in ["b", "d", "a"] { _ = ledger.apply(.finished(.done), to: JobID(name), at: moment(1)) }
    #expect(ledger.prune().map(\.name) == ["a"])
    #expect(ledger.list(nil).map(\.id.name) == ["d", "c", "b"] && ledger.prune().isEmpty)
  }

  @Test func theStoryIsBounded() throws {
    var ledger = ledger()
    _ = ledger.submit(submission(), as: JobID("a"), at: moment(0))
    _ = ledger.start(at: moment(0))
    for number in 0..<800 { _ = ledger.apply(.notice("notice \(number / 2)"), to: JobID("a"), at: moment(1)) }
    let lines = try #require(ledger[JobID("a")]).lines
    #expect(lines.count == 400, "equal ones in a row are one")
    for number in 0..<800 { _ = ledger.apply(.notice("more \(number)"), to: JobID("a"), at: moment(2)) }
    let record = try #require(ledger[JobID("a")])
    #expect(record.lines.count == 500 && record.omittedLines == 700 && record.lines.last?.text == "more 799")
  }
}
