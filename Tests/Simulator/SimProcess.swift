import Engine
import Wire

/// A worker process around the real runtime, with its slots, block store, cache and disk.
final class SimProcess {
  struct Task {
    let stage: StageDefinition
    let input: [UInt8]
    let cacheKey: String
    let sources: [MapOutputLocations]
    var isInterrupted = false
    /// How the task will end, if not successfully; decided when it starts or when it cannot fetch.
    var failure: TaskFailure?
    var value: UInt64?
  }

  struct CacheKey: Hashable {
    let job: JobID
    let name: String
  }

  let index: Int
  let endpoint: String
  let slots: Int
  var runtime: WorkerRuntime
  var checker: WorkerChecker
  var isAlive = true
  var isDraining = false
  /// The task that killed the process.
  var killer: TaskID?
  var connection: SimConnection?
  var mail: [WorkerEvent] = []
  var lastHeard = 0
  /// The tasks that run on the threads of the slots.
  var tasks: [TaskAttemptID: Task] = [:]
  var store: [StageID: [TaskAttemptID: UInt64]] = [:]
  var cache: Set<CacheKey> = []
  /// Times, in microseconds, until which the disk is full and until which the process is slow.
  var diskIsFullUntil = 0
  var diskIsSlowUntil = 0
  /// Times until which others cannot fetch from it, and until which it cannot fetch from others.
  var isUnreachableUntil = 0
  var cannotReachUntil = 0

  init(index: Int, slots: Int, limits: MessageLimits) {
    self.index = index
    self.slots = slots
    endpoint = "p\(index)"
    runtime = WorkerRuntime(
      info: WorkerInfo(name: endpoint, slots: slots, memory: 1 << 30, shuffleEndpoint: endpoint),
      limits: limits)
    checker = WorkerChecker(limits: limits)
  }

  /// Ends the process and drops all of its state.
  func end() {
    isAlive = false
    mail = []
    tasks = [:]
    store = [:]
    cache = []
  }
}
