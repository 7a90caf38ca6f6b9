import Basics
import Driver
import Engine
import Glibc
import Jobs
import Submit
import Synchronization
import Telemetry
import TestSupport
import Testing
import Transport
import Worker

@Suite(.serialized) struct JobTests {
  private func run(_ job: String, on client: any JobClient) throws -> (JobOutcome, JobEvents) {
    let log = JobEvents()
    let handle = try client.submit(job, name: "toy", force: false) { log.add($0) }
    return (handle.wait(), log)
  }

  @Test(arguments: [1, 2, 4])
  func runsOnThreads(slots: Int) throws {
    let (outcome, log) = try run(
      toyJob(maps: 50, rounds: 3), on: LocalClient.threads(slots, steps: toySteps))
    #expect(outcome == .done)
    #expect(log.reports.first?.values["total"] == .integer(Int64(3 * ToyStep.expected(maps: 50))))
  }

  @Test func runsStagesWithoutTasks() throws {
    let (outcome, log) = try run(
      toyJob(maps: 0), on: LocalClient.threads(2, steps: toySteps))
    #expect(outcome == .done)
    #expect(log.reports.first?.values["total"] == .integer(0))
  }

  @Test func retriesTransientFailures() throws {
    ToyMap.failuresLeft.store(3, ordering: .relaxed)
    let (outcome, log) = try run(
      toyJob(mode: "flaky"), on: LocalClient.threads(2, steps: toySteps))
    #expect(outcome == .done)
    #expect(log.reports.first?.values["total"] == .integer(Int64(ToyStep.expected(maps: 10))))
    #expect(log.notices.count == 3)
  }

  @Test func failsWithTheLocationOfBadInput() throws {
    let (outcome, _) = try run(
      toyJob(mode: "bad"), on: LocalClient.threads(2, steps: toySteps))
    #expect(outcome == .failed("events.jsonl:17: not a number"))
  }

  @Test func failsAfterFourAttempts() throws {
    ToyMap.failuresLeft.store(1_000_000, ordering: .relaxed)
    let (outcome, _) = try run(
      toyJob(maps: 1, mode: "flaky"), on: LocalClient.threads(2, steps: toySteps))
    guard case .failed(let message) = outcome else { throw WireError.invalid("\(outcome)") }
    #expect(message == "stage 'make', task 0, attempt 4 on local failed, the last of 4 failures: flaky")
    ToyMap.failuresLeft.store(0, ordering: .relaxed)
  }

  @Test func cancelReachesRunningTasks() throws {
    let log = JobEvents()
    let before = ToyMap.begun.load(ordering: .relaxed)
    let client = LocalClient.threads(2, steps: toySteps)
    let handle = try client.submit(toyJob(mode: "slow"), name: "toy", force: false) { log.add($0) }
    while ToyMap.begun.load(ordering: .relaxed) == before { sched_yield() }
    handle.cancel()
    #expect(handle.wait() == .cancelled)
  }

  /// A driver on loopback with workers over TCP in this process; one of them leaves while a job runs.
  @Test func drainingWorkersHandOver() throws {
    let driver = try Driver(registry: toySteps)
    let transport = TCPTransport()
    let listener = try driver.listen(on: .tcp(host: "127.0.0.1", port: 0), over: transport)
    let ended = Monitor<[Worker.End]>([])
    var workers: [Worker] = []
    for number in 0..<3 {
      var options = Worker.Options(
        driver: listener.endpoint, shuffle: .tcp(host: "127.0.0.1", port: 0), name: "w\(number)")
      options.rejoin = .zero
      let worker = try Worker(options, registry: toyOperators, over: transport)
      _ = SystemThread.start("test worker") {
        let end = worker.run()
        ended.change { $0.append(end) }
      }
      workers.append(worker)
    }
    let log = JobEvents()
    let client = DriverClient(listener.endpoint, over: transport, secret: nil, name: "test")
    let handle = try client.submit(toyJob(maps: 40, rounds: 50), name: "toy", force: false) { log.add($0) }
    #expect(log.wait(.seconds(20)) { $0.contains { if case .progress = $0 { true } else { false } } })
    workers[0].drain()
    #expect(ended.wait(.seconds(20)) { $0.first } == .left)
    #expect(handle.wait() == .done)
    #expect(log.reports.first?.values["total"] == .integer(Int64(50 * ToyStep.expected(maps: 40))))
    listener.close()
    driver.close()
    #expect(ended.wait(.seconds(20)) { $0.count == 3 ? true : nil } == true)
  }

  /// A worker that comes when the driver is ending is sent away: it would wait for an answer until the driver counts as silent.
  @Test func aDriverThatHasEndedKeepsNobody() throws {
    let driver = try Driver(registry: toySteps)
    let transport = MemoryTransport()
    let listener = try driver.listen(on: .memory("ending"), over: transport)
    defer { listener.close() }
    driver.close()
    let session = try transport.openSession(
      to: listener.endpoint, as: Identity(role: .worker, name: "late", build: Version.build, secret: nil),
      expecting: [.driver],
      timeout: .seconds(5))
    let closed = Monitor(false)
    session.connection.start { event in
      if case .closed = event { closed.change { $0 = true } }
    }
    #expect(closed.wait(.seconds(20)) { $0 ? true : nil } == true)
  }

  @Test func aScratchFolderThatCannotBeUsedIsTold() throws {
    var options = Worker.Options(driver: .memory("d"), shuffle: .memory("s"), name: "w")
    options.scratch = "/nonexistent"
    let error = #expect(throws: (any Error).self) {
      try Worker(options, registry: toyOperators, over: MemoryTransport())
    }
    #expect(
      error.map { "\($0)" } == "/nonexistent: cannot make a temporary file: No such file or directory")
  }
}
