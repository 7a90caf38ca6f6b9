import Cluster
import Engine
import Foundation
import Testing
import Transport
import Wire

/// How many tasks that do nothing a driver and two workers get through in a second, over TCP. Prints; asserts only that all ran:
/// `SWIFTLET_BENCH=1 swift test -c release --filter TaskBenchmark`.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["SWIFTLET_BENCH"] != nil)) struct TaskBenchmark {
  @Test func emptyTasks() throws {
    let driver = try Driver(registry: StepRegistry([EmptyStep.self]))
    let transport = TCPTransport()
    let listener = try driver.listen(on: .tcp(host: "127.0.0.1", port: 0), over: transport)
    for number in 0..<2 {
      var options = Worker.Options(
        driver: listener.endpoint, shuffle: .tcp(host: "127.0.0.1", port: 0), name: "w\(number)")
      options.rejoin = .zero
      let worker = try Worker(options, registry: OperatorRegistry([EmptyOperator.self]), over: transport)
      _ = SystemThread.start("test worker") { _ = worker.run() }
    }
    let log = EventLog()
    let client = DriverClient(listener.endpoint, over: transport, secret: nil, name: "test")
    let job = #"{"name": "empty", "steps": [{"type": "empty"}]}"#
    let handle = try client.submit(job, name: "empty", force: false) { log.add($0) }
    #expect(handle.wait() == .done)
    for line in log.reports.map(\.text) { print(line) }
    listener.close()
    driver.close()
  }
}

private struct EmptyStep: Step {
  static let type = "empty"
  static let help = "Tasks that do nothing."
  static let fields: [Field] = []

  init(_ values: FieldValues) throws(JobFileError) {}

  func plan() throws -> StepPlan { StepPlan(facts: [], stages: [], isUpToDate: false) }

  func run(_ session: any JobSession, force: Bool) throws -> StepReport {
    var lines: [String] = []
    for _ in 0..<5 {
      let tasks = [TaskSpec](repeating: TaskSpec(input: []), count: 100_000)
      let stage = StageSpec(name: "empty", operatorName: EmptyOperator.name, parameters: [], tasks: tasks)
      let start = ContinuousClock.now
      guard try session.run(StageGraph([stage])).count == tasks.count else {
        throw JobFailure.failed("tasks are missing")
      }
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      lines.append("\(Int(Double(tasks.count) / seconds)) tasks/s")
    }
    return StepReport(output: "", skipped: false, values: [:], text: lines.joined(separator: "\n"))
  }
}

private struct EmptyOperator: Operator {
  static let name = "empty"

  init(parameters: [UInt8]) throws {}

  func run(_ task: any TaskContext) throws -> TaskOutput { TaskOutput() }
}
