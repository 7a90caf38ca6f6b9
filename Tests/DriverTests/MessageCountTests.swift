import Basics
import Driver
import Telemetry
import TestSupport
import Testing
import Transport
import Worker

/// What a task costs in messages, told by the frames that workers send and receive over TCP: a launch and a report, of which one
/// frame may carry many, and the blocks that a reduce task fetches.
@Suite(.serialized) struct MessageCountTests {
  /// Frames of all workers for a job of so many map tasks, from the first connection to the last.
  private func frames(maps: Int) throws -> Int {
    let driver = try Driver(registry: toySteps)
    let listener = try driver.listen(on: .tcp(host: "127.0.0.1", port: 0), over: TCPTransport())
    let ended = Monitor(0)
    let counters = (0..<2).map { _ in TransportCounters() }
    for (number, counters) in counters.enumerated() {
      var options = Worker.Options(
        driver: listener.endpoint, shuffle: .tcp(host: "127.0.0.1", port: 0), name: "w\(number)")
      options.rejoin = .zero
      let worker = try Worker(options, registry: toyOperators, over: TCPTransport(counters: counters))
      _ = SystemThread.start("test worker") {
        _ = worker.run()
        ended.change { $0 += 1 }
      }
    }
    let log = JobEvents()
    let client = DriverClient(listener.endpoint, over: TCPTransport(), secret: nil, name: "test")
    let job = toyJob(maps: maps, partitions: 1)
    let handle = try client.submit(job, name: "toy", force: false) { log.add($0) }
    #expect(handle.wait() == .done)
    #expect(log.reports.first?.values["total"] == .integer(Int64(ToyStep.expected(maps: maps))))
    listener.close()
    driver.close()
    #expect(ended.wait(.seconds(20)) { $0 == 2 ? true : nil } == true)
    return counters.map(\.current).reduce(0) { $0 + $1.framesSent + $1.framesReceived }
  }

  @Test func aTaskCostsFewMessages() throws {
    let few = 200
    let many = 2200
    let perTask = Double(try frames(maps: many) - frames(maps: few)) / Double(many - few)
    // 1.01 when this was written; one frame for each launch and each report would be 2. Heartbeats are few beside 2,000 tasks.
    #expect(perTask > 0 && perTask < 2.1, "\(perTask) frames a task")
  }
}
