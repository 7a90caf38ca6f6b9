import Engine
import Synchronization
import Wire

/// A `JobSession` that runs every task in this process, one after another, in an order that the test chooses. Shuffle blocks
/// and cached values stay in memory, so steps are tested without a cluster.
package final class SequentialSession: JobSession {
  /// The order in which a stage's partitions run; results must not depend on it.
  package enum Order: Sendable { case forward, backward, interleaved }

  /// What the tasks of a stage did.
  package struct FinishedStage: Sendable {
    package let name: String
    package let tasks: Int
    package var metrics = TaskMetrics()
    package var shuffledBytes = 0
    /// Processor time.
    package var seconds = 0.0
  }

  struct State {
    var cache: [String: any Sendable] = [:]
    var cachedBytes = 0
    var builds = 0
    var stages: [FinishedStage] = []
    var metrics = TaskMetrics()
    var spills = 0
    var nextStage = 0
    var cancelled = false
  }

  package let job: JobID
  let registry: OperatorRegistry
  let order: Order
  /// Drops every cached value before each graph, as if all workers had been lost.
  let losesCache: Bool
  /// Bytes of memory that tasks are given.
  let memory: Int
  let state = Mutex(State())

  package init(
    _ registry: OperatorRegistry, job: String = "test", order: Order = .forward, losesCache: Bool = false,
    memory: Int = 1 << 30
  ) {
    self.job = JobID(job)
    self.registry = registry
    self.order = order
    self.losesCache = losesCache
    self.memory = memory
  }

  /// How many values were built for the cache so far.
  package var cacheBuilds: Int { state.withLock { $0.builds } }
  /// Spill files that tasks created.
  package var spills: Int { state.withLock { $0.spills } }
  package var cacheKeys: [String] { state.withLock { $0.cache.keys.sorted() } }
  package var stages: [FinishedStage] { state.withLock { $0.stages } }
  package var stageNames: [String] { stages.map(\.name) }
  package var metrics: TaskMetrics { state.withLock { $0.metrics } }

  package func run(_ graph: StageGraph) throws -> [TaskResult] {
    if losesCache { state.withLock { $0.cache = [:] } }
    // Map outputs: stage → map partition → partition → runs.
    var outputs: [[[Runs]]] = []
    var results: [TaskResult] = []
    for (index, stage) in graph.stages.enumerated() {
      let isLast = index == graph.stages.count - 1
      guard isLast == (stage.shufflePartitions == nil), stage.upstream.allSatisfy({ $0 < index }) else {
        throw JobFailure.failed("stage \(index) '\(stage.name)' does not fit its graph")
      }
      let number = state.withLock {
        $0.nextStage += 1
        return $0.nextStage - 1
      }
      let instance: any Operator
      do {
        instance = try registry.make(stage.operatorName, parameters: stage.parameters)
      } catch let failure as TaskFailure {
        throw JobFailure.failed("\(stage.name): \(failure.message)")
      }
      let time = ThreadTime()
      var done = FinishedStage(name: stage.name, tasks: stage.tasks.count)
      var blocks = [[Runs]](repeating: [], count: stage.tasks.count)
      var finished = [TaskResult?](repeating: nil, count: stage.tasks.count)
      for partition in sequence(of: stage.tasks.count) {
        try checkCancelled()
        let context = SequentialTask(
          session: self, spec: stage.tasks[partition],
          attempt: TaskAttemptID(
            task: TaskID(stage: StageID(job: job, number: number), partition: partition), attempt: 0),
          outputPartitions: stage.shufflePartitions ?? 0,
          upstream: stage.upstream.map { outputs[$0].map { $0.isEmpty ? [] : $0[partition] } })
        let output: TaskOutput
        do {
          output = try instance.run(context)
        } catch {
          throw JobFailure.failed("\(stage.name), task \(partition): \(TaskFailure(error).message)")
        }
        guard isLast || output.blocks.isEmpty || output.blocks.count == stage.shufflePartitions else {
          throw JobFailure.failed("\(stage.name), task \(partition): \(output.blocks.count) blocks")
        }
        for (part, block) in output.blocks.enumerated() { context.emit(block, to: part) }
        blocks[partition] = context.output
        finished[partition] = TaskResult(payload: output.result, metrics: output.metrics)
        done.metrics += output.metrics
      }
      outputs.append(blocks)
      done.shuffledBytes = blocks.joined().joined().reduce(0) { $0 + $1.count }
      done.seconds = time.seconds
      state.withLock {
        $0.stages.append(done)
        $0.metrics += done.metrics
      }
      if isLast { results = finished.compactMap { $0 } }
    }
    return results
  }

  private func sequence(of count: Int) -> [Int] {
    switch order {
    case .forward: Array(0..<count)
    case .backward: (0..<count).reversed()
    case .interleaved: (0..<count).filter { $0 % 2 == 1 } + (0..<count).filter { $0 % 2 == 0 }
    }
  }

  package func dropCache(prefix: String) {
    state.withLock { $0.cache = $0.cache.filter { !$0.key.hasPrefix(prefix) } }
  }

  package func checkCancelled() throws {
    if state.withLock({ $0.cancelled }) { throw JobFailure.cancelled }
  }

  package func cancel() { state.withLock { $0.cancelled = true } }

  package func status(_ line: String) {}
}

private typealias Runs = [[UInt8]]

private final class SequentialTask: TaskContext {
  let session: SequentialSession
  let spec: TaskSpec
  let attempt: TaskAttemptID
  let outputPartitions: Int
  /// Upstream → map partition → runs.
  let upstream: [[Runs]]
  var output: [Runs]

  init(
    session: SequentialSession, spec: TaskSpec, attempt: TaskAttemptID, outputPartitions: Int,
    upstream: [[Runs]]
  ) {
    self.session = session
    self.spec = spec
    self.attempt = attempt
    self.outputPartitions = outputPartitions
    self.upstream = upstream
    output = [Runs](repeating: [], count: outputPartitions)
  }

  var input: [UInt8] { spec.input }

  func checkCancelled() throws {
    if session.state.withLock({ $0.cancelled }) { throw TaskFailure.cancelled }
  }

  func forEachShuffleBlock(upstream: Int, _ body: (Int, [UInt8]) throws -> Void) throws {
    for (partition, runs) in self.upstream[upstream].enumerated() {
      for run in runs.isEmpty ? [[]] : runs { try body(partition, run) }
    }
  }

  var memory: Int { session.memory }

  func emit(_ run: [UInt8], to partition: Int) {
    if !run.isEmpty { output[partition].append(run) }
  }

  func spill() -> any SpillFile {
    session.state.withLock { $0.spills += 1 }
    return Spill()
  }

  private final class Spill: SpillFile {
    private var blocks: [[UInt8]] = []
    private var read = 0

    func append(_ block: [UInt8]) { blocks.append(block) }

    func next() -> [UInt8]? {
      defer { read += 1 }
      return read < blocks.count ? blocks[read] : nil
    }
  }

  func progress(rows: Int, bytes: Int) {}

  func cached<Value: Sendable>(_ make: () throws -> (value: Value, bytes: Int)) throws -> Value {
    guard let key = spec.cacheKey else { return try make().value }
    if let found = session.state.withLock({ $0.cache[key] }) as? Value { return found }
    let (value, bytes) = try make()
    session.state.withLock {
      $0.cache[key] = value
      $0.cachedBytes += bytes
      $0.builds += 1
    }
    return value
  }
}
