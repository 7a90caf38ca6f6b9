import Basics
import Wire

/// A stage of a graph that is being run.
struct StageRun: Sendable {
  let id: StageID
  let spec: StageSpec
  let upstream: [StageID]
  var tasks: [TaskState]
  var queue = PartitionQueue()
  private(set) var doneCount = 0
  private(set) var failedAttempts = 0
  /// Second attempts at slow tasks, so far.
  var copies = 0
  /// Times of the tasks that are done, to tell a slow one by.
  private(set) var durations = DurationHistogram()
  /// Running mean of a task's time, for the depth of the workers' queues; nil until one is done.
  private(set) var meanMicroseconds: Double?
  /// Changes whenever the attempts that made the map outputs change, once the stage has been complete.
  private(set) var outputVersion = 0
  /// When a worker first had room for a task of the stage: the locality wait counts from here.
  var runnableSince: Duration?
  var startedAt: Duration?
  var finishedAt: Duration?

  init(id: StageID, spec: StageSpec, upstream: [StageID]) {
    self.id = id
    self.spec = spec
    self.upstream = upstream
    tasks = Array(repeating: TaskState(), count: spec.tasks.count)
  }

  /// Sum over the tasks that are done. Added up when somebody looks: sums stop at the largest number, so that nothing could
  /// be taken from one again.
  var metrics: TaskMetrics {
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

  /// Tasks a worker may hold beyond its slots: none while the time of a task is unknown or long.
  func prefetchDepth(slots: Int, _ limit: PrefetchLimit?) -> Int {
    guard let limit, let mean = meanMicroseconds else { return 0 }
    return Int(min(limit.microseconds * Double(slots) / max(mean, 1), Double(limit.attempts)))
  }

  mutating func finish(_ partition: Int, _ done: TaskState.Done, at now: Duration) {
    tasks[partition].done = done
    tasks[partition].provenBefore = tasks[partition].nextAttempt
    doneCount += 1
    durations.add(microseconds: done.result.metrics.microseconds)
    let time = Double(done.result.metrics.microseconds)
    meanMicroseconds = meanMicroseconds.map { $0 + (time - $0) / 8 } ?? time
    if isComplete { finishedAt = now }
  }

  /// The output of a done task is gone: the task must run again.
  mutating func undo(_ partition: Int) {
    guard tasks[partition].done != nil else { return }
    tasks[partition].done = nil
    doneCount -= 1
    outputVersion += 1
    finishedAt = nil
  }

  mutating func countFailure(_ partition: Int) {
    tasks[partition].failures += 1
    failedAttempts += 1
  }
}
