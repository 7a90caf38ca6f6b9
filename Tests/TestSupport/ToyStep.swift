// A step without storage, its operators, and a log of a job's events: for tests of driver, workers and clients.
import Basics
import Engine
import Jobs
import Synchronization
import Wire

/// A step of two stages that needs no storage: map task m makes the numbers m, m + 1 … m + 99 and sends each to partition
/// number % partitions; reduce task p returns their sum.
package struct ToyStep: Step {
  package static let type = "toy"
  package static let help = "Sums numbers."
  package static let operators: [any Operator.Type] = [ToyMap.self, ToyReduce.self]
  package static let fields = [
    Field("maps", .integer(min: 0, max: nil), default: .integer(10), help: "Map tasks."),
    Field("partitions", .integer(min: 1, max: nil), default: .integer(4), help: "Reduce tasks."),
    Field("mode", .string, default: .string("right"), help: "What the map tasks do."),
    Field("rounds", .integer(min: 1, max: nil), default: .integer(1), help: "How often."),
  ]

  let maps: Int
  let partitions: Int
  let mode: String
  let rounds: Int

  package init(_ values: FieldValues) throws(JobFileError) {
    maps = try values.integer("maps")
    partitions = try values.integer("partitions")
    mode = try values.string("mode")
    rounds = try values.integer("rounds")
  }

  package func plan() throws -> StepPlan { StepPlan(facts: [], stages: [], isUpToDate: false) }

  package func run(_ session: any JobSession, force: Bool) throws -> StepReport {
    var total = 0
    for _ in 0..<rounds {
      let padding = [UInt8](repeating: 32, count: mode == "large-input" ? ToyStep.tooLarge : 0)
      let tasks = (0..<maps).map { TaskSpec(input: [UInt8](String($0).utf8) + padding) }
      let results = try session.run(
        StageGraph([
          StageSpec(
            name: "make", operatorName: ToyMap.name, parameters: [UInt8](mode.utf8) + parameters,
            tasks: tasks,
            shufflePartitions: partitions),
          StageSpec(
            name: "sum", operatorName: ToyReduce.name, parameters: [UInt8](mode.utf8),
            tasks: (0..<partitions).map { _ in TaskSpec(input: []) }, upstream: [0]),
        ]))
      total += results.reduce(0) { $0 + (Int(String(decoding: $1.payload, as: UTF8.self)) ?? -1_000_000) }
    }
    return StepReport(output: "", skipped: false, values: ["total": .integer(Int64(total))], text: "")
  }

  /// Bytes of a part that no message has room for.
  package static let tooLarge = MessageLimits().part + 1

  private var parameters: [UInt8] {
    switch mode {
    case "large-parameters": [UInt8](repeating: 32, count: ToyStep.tooLarge)
    // More than may wait for a worker, and less than a message may have.
    case "wide-parameters": [UInt8](repeating: 32, count: 100 << 20)
    default: []
    }
  }

  /// What `run` adds up to.
  package static func expected(maps: Int) -> Int { (0..<maps).reduce(0) { $0 + 100 * $1 + 4950 } }
}

package struct ToyMap: Operator {
  package static let name = "toy.map"
  /// Attempts that still fail in mode `flaky`, over all tasks of the process.
  package static let failuresLeft = Atomic(0)
  /// Map tasks that have begun in mode `slow`.
  package static let begun = Atomic(0)

  let mode: String

  package init(parameters: [UInt8]) throws { mode = String(decoding: parameters.prefix(80), as: UTF8.self) }

  package func run(_ task: any TaskContext) throws -> TaskOutput {
    let first = Int(String(decoding: task.input, as: UTF8.self)) ?? 0
    switch mode {
    case "flaky" where ToyMap.failuresLeft.subtract(1, ordering: .relaxed).oldValue > 0:
      throw TaskFailure.transient("flaky")
    case "bad" where first == 3:
      throw TaskFailure.badInput(location: "events.jsonl:17", message: "not a number")
    case "slow":
      ToyMap.begun.add(1, ordering: .relaxed)
      while true { try task.checkCancelled() }
    default: break
    }
    var blocks = [[UInt8]](repeating: [], count: task.outputPartitions)
    for number in first..<first + 100 { blocks[number % blocks.count] += [UInt8]("\(number) ".utf8) }
    return TaskOutput(blocks: blocks)
  }
}

package struct ToyReduce: Operator {
  package static let name = "toy.reduce"

  let mode: String

  package init(parameters: [UInt8]) throws { mode = String(decoding: parameters, as: UTF8.self) }

  package func run(_ task: any TaskContext) throws -> TaskOutput {
    if mode == "large-result" { return TaskOutput(result: [UInt8](repeating: 32, count: ToyStep.tooLarge)) }
    var sum = 0
    try task.forEachShuffleBlock(upstream: 0) { _, block in
      for number in String(decoding: block, as: UTF8.self).split(separator: " ") { sum += Int(number) ?? 0 }
    }
    return TaskOutput(result: [UInt8](String(sum).utf8))
  }
}

/// The events that a client received for its job.
package final class JobEvents: Sendable {
  private let all = Monitor<[JobEvent]>([])

  package init() {}

  package func add(_ event: JobEvent) { all.change { $0.append(event) } }

  package var reports: [StepReport] {
    all.withLock { $0 }.compactMap { if case .stepFinished(_, _, let report) = $0 { report } else { nil } }
  }

  package var notices: [String] {
    all.withLock { $0 }.compactMap { if case .notice(let text) = $0 { text } else { nil } }
  }

  package func wait(_ limit: Duration, until found: @escaping ([JobEvent]) -> Bool) -> Bool {
    all.wait(limit) { found($0) ? true : nil } ?? false
  }
}

package let toySteps = StepRegistry([ToyStep.self])
package let toyOperators = toySteps.operators

package func toyJob(maps: Int = 10, partitions: Int = 4, mode: String = "right", rounds: Int = 1) -> String {
  """
  {"name": "toy", "steps": [{"type": "toy", "maps": \(maps), "partitions": \(partitions), "mode": "\(mode)",
   "rounds": \(rounds)}]}
  """
}
