import Basics
import Driver
import Engine
import Jobs
import TestSupport
import Testing
import Transport
import Wire
import Worker

/// Jobs whose parts are too large for a message, or for the queue of a connection, on a driver and workers over TCP. Such a
/// job fails by itself: no worker is lost, and a neighbour's job goes on.
@Suite(.serialized) struct LargeMessageTests {
  private struct Cluster {
    let driver: Driver
    let listener: any Listener
    let transport = TCPTransport()

    init(workers: Int) throws {
      driver = try Driver(registry: toySteps)
      listener = try driver.listen(on: .tcp(host: "127.0.0.1", port: 0), over: transport)
      for number in 0..<workers {
        var options = Worker.Options(
          driver: listener.endpoint, shuffle: .tcp(host: "127.0.0.1", port: 0), name: "w\(number)")
        options.rejoin = .zero
        let worker = try Worker(options, registry: toyOperators, over: transport)
        _ = SystemThread.start("test worker") { _ = worker.run() }
      }
    }

    func submit(_ job: String, _ log: JobEvents) throws -> any JobHandle {
      try DriverClient(listener.endpoint, over: transport, secret: nil, name: "test")
        .submit(job, name: "toy", force: false) { log.add($0) }
    }

    func end() {
      listener.close()
      driver.close()
    }
  }

  @Test(arguments: [
    ("large-parameters", "stage 'make': its parameters have"), ("large-input", "the input of task 0 has"),
    ("large-result", "its result has \(ToyStep.tooLarge) bytes"),
  ])
  func aJobThatIsTooLargeFailsAlone(mode: String, message: String) throws {
    let cluster = try Cluster(workers: 2)
    defer { cluster.end() }
    let (neighbour, log) = (JobEvents(), JobEvents())
    let other = try cluster.submit(toyJob(maps: 20, rounds: 40), neighbour)
    let handle = try cluster.submit(toyJob(maps: 1, partitions: 1, mode: mode), log)
    guard case .failed(let text) = handle.wait() else { throw WireError.invalid("the job did not fail") }
    #expect(text.contains(message) && text.contains("\(MessageLimits().part)"))
    #expect(other.wait() == .done)
    #expect(neighbour.reports.first?.values["total"] == .integer(Int64(40 * ToyStep.expected(maps: 20))))
    #expect(!(neighbour.notices + log.notices).contains { $0.contains("is lost") })
    #expect(cluster.driver.workerCount == 2)
  }

  /// More than the queue of a connection may hold.
  @Test func largeParametersReachEveryWorker() throws {
    let cluster = try Cluster(workers: 2)
    defer { cluster.end() }
    let log = JobEvents()
    let handle = try cluster.submit(toyJob(maps: 8, mode: "wide-parameters"), log)
    #expect(handle.wait() == .done)
    #expect(log.reports.first?.values["total"] == .integer(Int64(ToyStep.expected(maps: 8))))
    #expect(log.notices.isEmpty)
    #expect(cluster.driver.workerCount == 2)
  }
}
