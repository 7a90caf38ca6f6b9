import Basics
import Wire

/// A stage of a running graph.
struct StageRun: Sendable {
  let id: StageID
  let spec: StageSpec
  let upstream: [StageID]
  var tasks: [TaskState]
  var queue = PartitionQueue()
  private(set) var doneCount = 0
  /// Sum over done tasks; nil once an output was lost: sums saturate, so a task's metrics cannot be subtracted again.
  private var doneMetrics: TaskMetrics? = TaskMetrics()
  private(set) var failedAttempts = 0
  /// Number of speculative attempts so far.
  var speculativeAttempts = 0
  /// Times of done tasks, used to recognize slow ones.
  private(set) var durations = DurationHistogram()
  /// Running mean of task times, used to size the workers' queues; nil until a task is done.
  private(set) var meanMicroseconds: Double?
  /// Changes whenever the attempts that made the map outputs change, once the stage has completed for the first time.
  private(set) var outputVersion = 0
  /// When a worker first had room for a task of the stage. The locality wait starts here.
  var runnableSince: Duration?
  var startedAt: Duration?
  var finishedAt: Duration?

  init(id: StageID, spec: StageSpec, upstream: [StageID]) {
    self.id = id
    self.spec = spec
    self.upstream = upstream
    tasks = Array(repeating: TaskState(), count: spec.tasks.count)
  }

  /// Sum over done tasks. Computed on demand once an output was lost.
  var metrics: TaskMetrics {
    if let doneMetrics { return doneMetrics }
    var sum = TaskMetrics()
    for task in tasks { if let done = task.done { sum += done.result.metrics } }
    return sum
  }

  var isComplete: Bool { doneCount == tasks.count }
  var feedsShuffle: Bool { spec.shufflePartitions != nil }

  var definition: StageDefinition {
    StageDefinition(
      id: id, operatorName: spec.operatorName, parameters: spec.parameters,
      outputPartitions: spec.shufflePartitions ?? 0, upstream: upstream)
  }

  func attemptID(_ partition: Int, _ number: Int) -> TaskAttemptID {
    TaskAttemptID(task: TaskID(stage: id, partition: partition), attempt: number)
  }

  /// Number of tasks a worker may hold beyond its slots; 0 while task times are unknown or long.
  func prefetchDepth(slots: Int, _ limit: PrefetchLimit?) -> Int {
    guard let limit, let mean = meanMicroseconds else { return 0 }
    return Int(min(limit.microseconds * Double(slots) / max(mean, 1), Double(limit.attempts)))
  }

  mutating func finish(_ partition: Int, _ done: TaskState.Done, at now: Duration) {
    tasks[partition].done = done
    tasks[partition].provenBefore = tasks[partition].nextAttempt
    doneCount += 1
    doneMetrics? += done.result.metrics
    durations.add(microseconds: done.result.metrics.microseconds)
    let time = Double(done.result.metrics.microseconds)
    meanMicroseconds = meanMicroseconds.map { $0 + (time - $0) / 8 } ?? time
    if isComplete { finishedAt = now }
  }

  /// Undoes a done task whose output is lost, so it must run again.
  mutating func undo(_ partition: Int) {
    guard tasks[partition].done != nil else { return }
    tasks[partition].done = nil
    doneCount -= 1
    doneMetrics = nil
    outputVersion += 1
    finishedAt = nil
  }

  mutating func countFailure(_ partition: Int) {
    tasks[partition].failures += 1
    failedAttempts += 1
  }
}
