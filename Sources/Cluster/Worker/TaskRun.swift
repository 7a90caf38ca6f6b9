import Engine
import Storage
import Synchronization
import Wire

/// One task attempt on a worker: what its operator sees as its context, and what others may ask of it while it runs.
final class TaskRun: TaskContext, Sendable {
  let attempt: TaskAttemptID
  let input: [UInt8]
  let outputPartitions: Int
  private let cacheKey: String
  private let sources: [MapOutputLocations]
  private let shuffle: ShuffleClient
  private let cache: TaskCache
  private let isInterrupted = Atomic(false)
  private let rows = Atomic(0)
  private let bytes = Atomic(0)
  private let fetched = Atomic(0)

  init(
    _ launch: TaskLaunch, _ stage: StageDefinition, _ sources: [MapOutputLocations], shuffle: ShuffleClient,
    cache: TaskCache
  ) {
    attempt = launch.attempt
    input = launch.input
    cacheKey = launch.cacheKey
    outputPartitions = stage.outputPartitions
    self.sources = sources
    self.shuffle = shuffle
    self.cache = cache
  }

  /// Runs the operator to its end; never throws, the report says how it went.
  func report(_ make: () throws -> any Operator, store: BlockStore) -> TaskReport {
    let start = ContinuousClock.now
    do {
      try checkCancelled()
      var output = try make().run(self)
      guard output.blocks.count == outputPartitions else {
        throw TaskFailure.fatal(
          "the operator made \(output.blocks.count) blocks for \(outputPartitions) partitions")
      }
      try checkCancelled()
      if outputPartitions > 0 { store.put(output.blocks, of: attempt) }
      output.metrics.microseconds = Int((ContinuousClock.now - start) / .microseconds(1))
      output.metrics.shuffleReadBytes = fetched.load(ordering: .relaxed)
      output.metrics.shuffleWriteBytes = output.blocks.reduce(0) { $0 + $1.count }
      let success = TaskSuccess(
        result: output.result, blockSizes: output.blocks.map { UInt32(clamping: $0.count) },
        isCached: !cacheKey.isEmpty && cache.contains(key), metrics: output.metrics)
      return TaskReport(attempt: attempt, outcome: .success(success))
    } catch {
      return TaskReport(attempt: attempt, outcome: .failure(TaskRun.failure(error)))
    }
  }

  /// The kind of a failure that is not one yet. What is unknown may be a matter of the moment, and is tried again.
  private static func failure(_ error: any Error) -> TaskFailure {
    switch error {
    case let failure as TaskFailure: failure
    case StorageError.transient: .transient("\(error)")
    case StorageError.notFound(let place, let message), StorageError.corrupt(let place, let message),
      StorageError.invalid(let place, let message):
      .badInput(place: place, message: message)
    case let error as WireError: .fatal("\(error)")
    default: .transient("\(error)")
    }
  }

  func interrupt() { isInterrupted.store(true, ordering: .relaxed) }

  var currentProgress: TaskProgress {
    TaskProgress(
      attempt: attempt, rows: rows.load(ordering: .relaxed), bytes: bytes.load(ordering: .relaxed))
  }

  private var key: TaskCache.Key { TaskCache.Key(job: attempt.task.stage.job, name: cacheKey) }

  // MARK: TaskContext

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
    return try cache.value(key) {
      // Asked after the entry is there: a cancelled attempt never leaves a value that nobody would drop.
      try checkCancelled()
      return try make()
    }
  }
}
