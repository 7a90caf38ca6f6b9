import Basics
import CommandLine
import Driver
import Foundation
import Jobs
import Synchronization
import Telemetry
import Transport
import Worker

/// A driver and its workers for one job: inside this process over the memory transport, or with worker processes on
/// loopback.
final class LocalCluster: Sendable {
  enum Kind: Sendable {
    /// One worker in this process.
    case threads(slots: Int, MemoryShares?)
    /// Real processes, one slot each.
    case processes(count: Int, WorkerProgram)
  }

  private let driver: Driver
  private let listener: any Listener
  private let transport: any Transport
  private let worker: Worker?
  private let processes: WorkerProcesses?
  private let ended = Monitor(false)
  private let telemetry: Telemetry?

  /// - Parameter eventLog: Folder for event logs; nil for none.
  init(_ kind: Kind, steps: StepRegistry, build: String = Version.build, eventLog: String? = nil) throws {
    let warnings = Log { entry in
      StandardError.write(LogFormat.text.line(entry, program: "swift-submit") + "\n")
    }
    telemetry = try eventLog.map { try Telemetry(eventLog: $0, log: warnings) }
    var options = Driver.Options()
    options.observer = telemetry
    options.build = build
    driver = try Driver(registry: steps, options: options)
    switch kind {
    case .threads(let slots, let shares):
      transport = MemoryTransport()
      let name = "local-\(getpid())-\(LocalCluster.counter.add(1, ordering: .relaxed).newValue)"
      listener = try driver.listen(on: .memory("\(name)-driver"), over: transport)
      var options = Worker.Options(
        driver: listener.endpoint, shuffle: .memory("\(name)-shuffle"), name: "local")
      options.slots = slots
      options.shares = shares
      options.rejoin = .zero
      options.build = build
      let worker = try Worker(options, registry: steps.operators, over: transport)
      let ended = ended
      try startThread("local worker") {
        _ = worker.run()
        ended.change { $0 = true }
      }
      self.worker = worker
      processes = nil
    case .processes(let count, let program):
      transport = TCPTransport()
      listener = try driver.listen(on: .tcp(host: "127.0.0.1", port: 0), over: transport)
      worker = nil
      processes = WorkerProcesses(program)
      do {
        try processes?.start(count, driver: listener.endpoint)
        try waitForWorkers(count)
      } catch {
        close()
        throw error
      }
    }
  }

  private static let counter = Atomic(0)

  var client: DriverClient {
    DriverClient(listener.endpoint, over: transport, secret: nil, name: "swift-submit")
  }

  private func waitForWorkers(_ count: Int) throws {
    let limit = ContinuousClock.now + .seconds(30)
    while driver.workerCount < count {
      if let failure = processes?.failure { throw ClusterError.workers(failure) }
      guard ContinuousClock.now < limit else {
        throw ClusterError.workers("only \(driver.workerCount) of \(count) local workers joined within 30 s")
      }
      usleep(2000)
    }
  }

  /// Stops driver and workers. Leaves no process behind.
  func close() {
    listener.close()
    driver.close()
    telemetry?.close()
    if worker != nil { _ = ended.wait(.seconds(15)) { $0 ? true : nil } }
    processes?.stop()
  }
}
