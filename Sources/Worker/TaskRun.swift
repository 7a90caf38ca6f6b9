import Basics
import Engine
import Storage
import Synchronization
import Wire

/// One task attempt on a worker: the context of its operator, with progress and cancellation for other threads.
final class TaskRun: TaskContext, Sendable {
  let attempt: TaskAttemptID
  let input: [UInt8]
  let outputPartitions: Int
  private let cacheKey: String
  private let sources: [MapOutputLocations]
  private let shuffle: ShuffleClient
  private let resources: TaskResources
  /// Created and used on the attempt's thread only.
  private let output: Mutex<MapOutput>
  /// The lease of the cached value that it uses.
  private let lease = Mutex<TaskCache.Lease?>(nil)
  private let isInterrupted = Atomic(false)
  private let rows = Atomic(0)
  private let bytes = Atomic(0)
  private let fetched = Atomic(0)
  private let spilled = Atomic(0)

  init(
    _ launch: TaskLaunch, _ stage: StageDefinition, _ sources: [MapOutputLocations], shuffle: ShuffleClient,
    resources: TaskResources
  ) {
    attempt = launch.attempt
    input = launch.input
    cacheKey = launch.cacheKey
    outputPartitions = stage.outputPartitions
    self.sources = sources
    self.shuffle = shuffle
    self.resources = resources
    output = Mutex(
      MapOutput(resources.store, stage: launch.attempt.task.stage, partitions: stage.outputPartitions))
  }

  /// Runs the operator. Never throws; the report contains the outcome.
  func report(_ make: () throws -> any Operator) -> TaskReport {
    let result = Result { try run(make) }
    let isCached = lease.withLock { $0 }.map { resources.cache.release($0) } ?? false
    switch result {
    case .success(let made):
      let success = TaskSuccess(
        result: made.result, blockSizes: made.sizes.map { UInt32(clamping: $0) }, isCached: isCached,
        metrics: made.metrics)
      return TaskReport(attempt: attempt, outcome: .success(success))
    case .failure(let error):
      output.withLock { $0.discard() }
      return TaskReport(attempt: attempt, outcome: .failure(TaskFailure(error)))
    }
  }

  private func run(_ make: () throws -> any Operator) throws -> (
    result: [UInt8], sizes: [Int], metrics: TaskMetrics
  ) {
    let start = ContinuousClock.now
    try checkCancelled()
    let made = try make().run(self)
    guard made.blocks.count == outputPartitions || made.blocks.isEmpty else {
      throw TaskFailure.fatal(
        "the operator made \(made.blocks.count) blocks for \(outputPartitions) partitions")
    }
    for (partition, block) in made.blocks.enumerated() { try emit(block, to: partition) }
    try checkCancelled()
    let output = output.withLock { $0 }
    let sizes = output.sizes
    if outputPartitions > 0 { resources.store.put(output, of: attempt) }
    var metrics = made.metrics
    metrics.microseconds = Int((ContinuousClock.now - start) / .microseconds(1))
    metrics[.shuffleReadBytes] = fetched.load(ordering: .relaxed)
    metrics[.shuffleWriteBytes] = sizes.reduce(0, +)
    metrics[.spilledBytes] = spilled.load(ordering: .relaxed) + output.spilled
    return (made.result, sizes, metrics)
  }

  func interrupt() { isInterrupted.store(true, ordering: .relaxed) }

  var currentProgress: TaskProgress {
    TaskProgress(
      attempt: attempt, rows: rows.load(ordering: .relaxed), bytes: bytes.load(ordering: .relaxed))
  }

  private var key: TaskCache.Key { TaskCache.Key(job: attempt.task.stage.job, name: cacheKey) }

  // MARK: TaskContext

  var memory: Int { resources.memory }

  func emit(_ run: [UInt8], to partition: Int) throws {
    guard (0..<outputPartitions).contains(partition) else {
      throw TaskFailure.fatal("output for partition \(partition) of \(outputPartitions)")
    }
    try output.withLock { try $0.append(run, to: partition) }
  }

  func spill() throws -> any SpillFile {
    try TaskSpill(resources.scratch) { self.spilled.add($0, ordering: .relaxed) }
  }

  func checkCancelled() throws {
    if isInterrupted.load(ordering: .relaxed) { throw TaskFailure.cancelled }
  }

  func forEachShuffleBlock(upstream: Int, _ body: (Int, [UInt8]) throws -> Void) throws {
    guard sources.indices.contains(upstream) else {
      throw TaskFailure.fatal("the stage reads no shuffle \(upstream)")
    }
    try shuffle.forEachBlock(of: sources[upstream], partition: attempt.task.partition) { map, block in
      try checkCancelled()
      fetched.add(block.count, ordering: .relaxed)
      try body(map, block)
    }
  }

  func progress(rows: Int, bytes: Int) {
    self.rows.add(rows, ordering: .relaxed)
    self.bytes.add(bytes, ordering: .relaxed)
  }

  func cached<Value: Sendable>(_ make: () throws -> (value: Value, bytes: Int)) throws -> Value {
    guard !cacheKey.isEmpty else { return try make().value }
    let (value, lease) = try resources.cache.value(key) {
      // Checked after the entry exists, so that a cancelled attempt never leaves an unowned value.
      try checkCancelled()
      return try make()
    }
    let former = self.lease.withLock { held in
      defer { held = lease }
      return held
    }
    if let former { resources.cache.release(former) }
    return value
  }
}

/// State shared by the attempts of a worker.
struct TaskResources: Sendable {
  let store: BlockStore
  let cache: TaskCache
  let scratch: Scratch
  /// The limit of bytes for one attempt's tables and buffers.
  let memory: Int
}
