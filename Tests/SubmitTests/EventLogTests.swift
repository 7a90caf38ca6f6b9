import Basics
import Foundation
import Jobs
import Submit
import Telemetry
import TestSupport
import Testing

@Suite(.serialized) struct EventLogTests {
  private let temporary: TemporaryFolder
  private var folder: String { temporary.path }

  init() throws { temporary = try TemporaryFolder() }

  private func run(_ job: String, slots: Int = 2) throws -> JobOutcome {
    let client = LocalClient.threads(slots, steps: toySteps, eventLog: folder)
    return try client.submit(job, name: "toy", force: false) { _ in }.wait()
  }

  private func replay(_ file: EventLogFile) throws -> (view: ClusterView, events: [ClusterEvent]) {
    var view = ClusterView()
    var events: [ClusterEvent] = []
    try file.forEach {
      view.apply($0)
      events.append($0)
    }
    return (view, events)
  }

  /// A real engine writes it, and the same view comes out of it again, with every attempt.
  @Test func aJobCanBeShownFromItsLog() throws {
    ToyMap.failuresLeft.store(2, ordering: .relaxed)
    #expect(try run(toyJob(maps: 50, mode: "flaky", rounds: 3)) == .done)
    let file = try #require(try EventLogFile.list(folder).first)
    #expect(file.path.hasSuffix(".jsonl"))
    let (view, events) = try replay(file)
    let page = try JSONText.parse(try #require(view.page(of: file.job, now: .now)))
    #expect(page["state"] == "done" && page["name"] == "toy")
    #expect(page["stages", 0, "name"] == "make" && page["stages", 0, "rounds"] == 3)
    #expect(page["stages", 0, "done"] == 150 && page["stages", 1, "done"] == 12)
    #expect(page["stages", 1, "upstream"] == [0] && page["stages", 0, "failed"] == 2)
    #expect(page["attempts", "failed"] == 2 && page["problems", 0, "message"] == "flaky")
    #expect(page["timeline", "lanes", 0, "worker"] == "local")
    let attempts = events.count { if case .attemptEnded = $0.what { true } else { false } }
    #expect(attempts == 164)
  }

  @Test func aJobThatFailedTellsWhy() throws {
    #expect(try run(toyJob(mode: "bad")) == .failed("events.jsonl:17: not a number"))
    let file = try #require(try EventLogFile.list(folder).first)
    let page = try JSONText.parse(try #require(try replay(file).view.page(of: file.job, now: .now)))
    #expect(page["state"] == "failed" && page["error"] == "events.jsonl:17: not a number")
    #expect(page["problems", 0, "kind"] == "bad_input")
  }

  /// A log that ends anywhere, as after a power cut, is read as far as it goes.
  @Test func aTornLogIsReadAsFarAsItGoes() throws {
    #expect(try run(toyJob(maps: 5)) == .done)
    let file = try #require(try EventLogFile.list(folder).first)
    let whole = try Data(contentsOf: URL(fileURLWithPath: file.path))
    let headerEnd = try #require(whole.firstIndex(of: UInt8(ascii: "\n")))
    let all = try replay(file).events.count
    var seen = Set<Int>()
    for length in stride(from: headerEnd + 1, to: whole.count, by: 97) {
      try whole.prefix(length).write(to: URL(fileURLWithPath: file.path))
      let count = try replay(file).events.count
      #expect(count <= all)
      seen.insert(count)
    }
    #expect(seen.count > all / 2)
  }

  @Test func whatIsNoLogIsRefused() throws {
    for text in ["", "hello\n", "{}\n", #"{"format":"swiftlet.events","version":99,"event":"log"}"# + "\n"] {
      try temporary.write("x.jsonl", text)
      let file = try #require(try EventLogFile.list(folder).first)
      #expect(throws: StateError.self) { try file.forEach { _ in } }
    }
    #expect(throws: StateError.self) { try EventLogFile.list(folder + "/none") }
  }

  @Test func unknownEventsAreLeftOut() throws {
    let text = """
      {"at":1,"event":"log","format":"swiftlet.events","job":"x","version":1}
      {"at":2,"event":"of a later version","more":[1]}
      {"at":3,"event":"workerLost","worker":1,"reason":"gone"}
      """
    try temporary.write("x.jsonl", text)
    let file = try #require(try EventLogFile.list(folder).first)
    #expect(try replay(file).events.count == 1)
  }

  /// Whoever can write to the folder must not end the process that reads it.
  @Test(arguments: [
    #"{"at":9223372036854775807,"event":"jobStarted"}"#, #"{"at":-9223372036854775808,"event":"jobStarted"}"#,
    #"{"at":2,"event":"graph","step":0,"stages":[{"stage":-9223372036854775808,"name":"","operator":"","tasks":1}]}"#,
    #"{"at":2,"event":"graph","step":0,"stages":[{"stage":0,"name":"","operator":"","tasks":9223372036854775807}]}"#,
    #"{"at":2,"event":"graphEnd","stages":[{"stage":0,"tasks":1,"done":-1,"failedAttempts":0,"speculativeAttempts":0}]}"#,
    #"{"at":2,"event":"attempt","stage":0,"partition":0,"attempt":9223372036854775807,"worker":1,"started":1,"outcome":"lost"}"#,
    #"{"at":2,"event":"workerJoined","worker":1,"name":"w","slots":9223372036854775807,"memory":1,"address":"a"}"#,
  ])
  func numbersThatCannotBeAreRefused(line: String) throws {
    #expect(throws: StateError.self) { try replay(try log(line)) }
  }

  @Test func anyUpstreamAndMetricsCanBeShown() throws {
    let record = """
      {"id":"x","name":"n","digest":"d","state":"queued","submitted":1,"runs":0,"steps":[]}
      """
    let file = try log(
      #"{"at":2,"event":"jobSubmitted","record":\#(record)}"#, #"{"at":3,"event":"jobStarted"}"#,
      #"{"at":4,"event":"graph","step":0,"stages":[{"stage":0,"name":"a","operator":"o","tasks":1,"upstream":[-9223372036854775808,0,7]}]}"#,
      #"{"at":5,"event":"attempt","stage":0,"partition":0,"attempt":0,"worker":1,"started":4,"outcome":"success","metrics":{"shuffleRead":9223372036854775807,"shuffleWritten":9223372036854775807,"microseconds":-9223372036854775808}}"#,
      #"{"at":6,"event":"graphEnd","stages":[{"stage":0,"tasks":1,"done":1,"failedAttempts":0,"speculativeAttempts":0,"seconds":1.5}]}"#,
      #"{"at":7,"event":"finished","outcome":"done"}"#)
    let page = try JSONText.parse(try #require(try replay(file).view.page(of: file.job, now: .now)))
    #expect(page["stages", 0, "done"] == 1 && page["stages", 0, "upstream"] == [])
  }

  /// A pipe of that name, whose writer never comes.
  @Test func aPipeIsNoLog() throws {
    #expect(mkfifo(folder + "/x.jsonl", 0o600) == 0)
    let file = try #require(try EventLogFile.list(folder).first)
    #expect(throws: StateError.self) { try file.forEach { _ in } }
  }

  private func log(_ lines: String...) throws -> EventLogFile {
    let header = #"{"at":1,"event":"log","format":"swiftlet.events","job":"x","version":1}"#
    let text = ([header] + lines).joined(separator: "\n") + "\n"
    try temporary.write("x.jsonl", text)
    return try #require(try EventLogFile.list(folder).first)
  }
}
