import Engine
import Wire

/// Runs every task of a job in this process, one after the other, and times the stages.
final class InProcessSession: JobSession {
  let job = JobID("features-check")
  private let registry: OperatorRegistry

  init(_ operators: [any Operator.Type]) { registry = OperatorRegistry(operators) }

  func run(_ graph: StageGraph) throws -> [TaskResult] {
    var outputs: [[[[[UInt8]]]]] = []
    var results: [TaskResult] = []
    for (number, stage) in graph.stages.enumerated() {
      let instance = try registry.make(stage.operatorName, parameters: stage.parameters)
      var metrics = TaskMetrics()
      var blocks: [[[[UInt8]]]] = []
      results = []
      let time = ThreadTime()
      for (partition, task) in stage.tasks.enumerated() {
        let id = TaskID(stage: StageID(job: job, number: number), partition: partition)
        let context = InProcessTask(
          attempt: TaskAttemptID(task: id, attempt: 0), input: task.input,
          outputPartitions: stage.shufflePartitions ?? 0,
          upstream: stage.upstream.map { outputs[$0].map { $0[partition] } })
        do {
          let output = try instance.run(context)
          blocks.append(context.output)
          results.append(TaskResult(payload: output.result, metrics: output.metrics))
          metrics += output.metrics
        } catch let failure as TaskFailure {
          throw JobFailure.failed("\(stage.name), task \(partition): \(failure.message)")
        }
      }
      outputs.append(blocks)
      let seconds = time.seconds
      let shuffled = blocks.joined().joined().reduce(0) { $0 + $1.count }
      status(
        "\(stage.name): \(stage.tasks.count) tasks, \(metrics.bytesRead) bytes and \(metrics.rowsRead) rows read, "
          + "\(shuffled) bytes shuffled, \(seconds) s of processor time, \(Double(metrics.bytesRead) / seconds / 1e6) MB/s"
      )
    }
    return results
  }

  func dropCache(prefix: String) {}
  func checkCancelled() throws {}
  func status(_ line: String) { Console.error(line) }
}

private final class InProcessTask: TaskContext {
  let attempt: TaskAttemptID
  let input: [UInt8]
  let outputPartitions: Int
  private let upstream: [[[[UInt8]]]]
  private(set) var output: [[[UInt8]]]

  init(attempt: TaskAttemptID, input: [UInt8], outputPartitions: Int, upstream: [[[[UInt8]]]]) {
    self.attempt = attempt
    self.input = input
    self.outputPartitions = outputPartitions
    self.upstream = upstream
    output = Array(repeating: [], count: outputPartitions)
  }

  func checkCancelled() throws {}
  func progress(rows: Int, bytes: Int) {}

  func forEachShuffleBlock(upstream: Int, _ body: (Int, [UInt8]) throws -> Void) throws {
    for (map, runs) in self.upstream[upstream].enumerated() {
      for run in runs { try body(map, run) }
    }
  }

  var memory: Int { 1 << 30 }
  func emit(_ run: [UInt8], to partition: Int) { output[partition].append(run) }
  func spill() throws -> any SpillFile { throw TaskFailure.fatal("features-check does not spill") }

  func cached<Value: Sendable>(_ make: () throws -> (value: Value, bytes: Int)) throws -> Value {
    try make().value
  }
}
