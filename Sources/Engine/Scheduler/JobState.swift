import Wire

/// A task of a job's current graph: the index of its stage, and its partition.
struct TaskIndex: Hashable, Comparable, Sendable {
  let stage: Int
  let partition: Int

  static func < (a: TaskIndex, b: TaskIndex) -> Bool { (a.stage, a.partition) < (b.stage, b.partition) }
}

/// A job as the scheduler sees it. It runs one graph at a time, because its driver program waits for each.
struct JobState: Sendable {
  let id: JobID
  var stages: [StageRun] = []
  /// Number of the next stage. Numbers are never reused within a job.
  var nextStageNumber = 0
  var isCancelled = false
  /// The driver program no longer needs the job.
  var isReleased = false
  var isRunning = false
  /// Attempts that workers hold for this job.
  var assigned = 0
  /// Number of the launch that last gave the job a slot; see ``Turn``.
  var lastServed = 0
  /// The worker that has the input for each cache key. Never iterated where the order matters.
  var cachedOn: [String: WorkerID] = [:]
  /// Tasks that wait for an otherwise idle worker, in order.
  var alone: [TaskIndex] = []
  /// Tasks that may have killed workers and must therefore run alone.
  var suspects: Set<TaskIndex> = []
  /// Bytes of last-stage results so far.
  var resultBytes = 0
  /// Number of workers that died while holding attempts of the current graph.
  var deathCount = 0
  /// Workers that held map outputs that could not be fetched, for readers that notice after the first one.
  var formerHolders: [TaskAttemptID: WorkerID] = [:]

  init(id: JobID) { self.id = id }

  /// Replaces the last graph with new stages.
  mutating func reset(_ stages: [StageRun]) {
    self.stages = stages
    alone = []
    suspects = []
    deathCount = 0
    resultBytes = 0
    formerHolders = [:]
  }

  /// The task of a worker's attempt, or nil if the attempt no longer counts.
  func taskIndex(of attempt: TaskAttemptID, on worker: WorkerID) -> TaskIndex? {
    let partition = attempt.task.partition
    guard let stage = index(of: attempt.task.stage) else { return nil }
    let task = stages[stage].tasks[partition]
    for run in [task.running, task.speculative] {
      if let run, run.number == attempt.attempt, run.worker == worker {
        return TaskIndex(stage: stage, partition: partition)
      }
    }
    return nil
  }

  /// Whether the attempt may have caused its worker's death: its task has not succeeded since the attempt was launched. The
  /// attempt may already have been given up because the worker died.
  func isOpen(_ attempt: TaskAttemptID) -> Bool {
    guard let stage = index(of: attempt.task.stage) else { return false }
    return attempt.attempt >= stages[stage].tasks[attempt.task.partition].provenBefore
  }

  func taskIndex(of task: TaskID) -> TaskIndex? {
    index(of: task.stage).map { TaskIndex(stage: $0, partition: task.partition) }
  }

  func id(of taskIndex: TaskIndex) -> TaskID {
    TaskID(stage: stages[taskIndex.stage].id, partition: taskIndex.partition)
  }

  /// The next launchable task that must run alone, after skipping the first `skipped`.
  /// - Parameter unanswered: Tasks that must keep waiting.
  func waitingAlone(after skipped: Int, unless unanswered: Set<TaskID> = []) -> TaskIndex? {
    alone.lazy.filter { isRunnable($0.stage) && !unanswered.contains(id(of: $0)) }.dropFirst(skipped).first
  }

  /// A version that changes whenever map outputs that the stage reads are lost.
  func inputVersion(of stage: Int) -> Int {
    stages[stage].spec.upstream.reduce(0) { $0 + stages[$1].outputVersion }
  }

  /// The index of a stage in the current graph, or nil if the stage is not part of it.
  func index(of stage: StageID) -> Int? {
    guard let first = stages.first?.id.number else { return nil }
    let index = stage.number - first
    return stages.indices.contains(index) && stage.job == id ? index : nil
  }

  /// Whether all map outputs that the stage reads exist.
  func isReady(_ index: Int) -> Bool {
    for upstream in stages[index].spec.upstream where !stages[upstream].isComplete { return false }
    return true
  }

  /// Whether an incomplete stage reads this stage's map outputs.
  func isNeeded(_ index: Int) -> Bool {
    stages.contains { !$0.isComplete && $0.spec.upstream.contains(index) }
  }

  /// Whether tasks of the stage may be launched: its output is needed and its inputs exist.
  func isRunnable(_ index: Int) -> Bool {
    isReady(index) && (index == stages.count - 1 || isNeeded(index))
  }

  /// Whether any stage has tasks that can be launched now.
  var hasWaitingTasks: Bool {
    for stage in stages.indices where stages[stage].queue.count > 0 && isRunnable(stage) { return true }
    return false
  }

  /// Queues a task that is neither done nor running.
  mutating func enqueue(stage: Int, partition: Int, preferring worker: WorkerID? = nil, now: Duration) {
    let taskIndex = TaskIndex(stage: stage, partition: partition)
    guard !suspects.contains(taskIndex) else { return alone.append(taskIndex) }
    let key = stages[stage].spec.tasks[partition].cacheKey
    stages[stage].queue.add(partition, preferring: worker ?? key.flatMap { cachedOn[$0] }, now: now)
  }

  /// Marks the task to run alone from now on, even if it is already queued with others.
  mutating func suspect(_ taskIndex: TaskIndex) {
    suspects.insert(taskIndex)
    if stages[taskIndex.stage].queue.remove(taskIndex.partition) { alone.append(taskIndex) }
  }

  /// Ends an attempt without a result. The task is requeued if it has no other attempt.
  mutating func giveUp(
    _ taskIndex: TaskIndex, _ number: Int, on worker: WorkerID, preferring other: WorkerID? = nil,
    now: Duration
  ) {
    guard stages[taskIndex.stage].tasks[taskIndex.partition].end(number, on: worker),
      stages[taskIndex.stage].tasks[taskIndex.partition].running == nil
    else { return }
    enqueue(stage: taskIndex.stage, partition: taskIndex.partition, preferring: other, now: now)
  }

  /// The next task for a worker that has room, from the first runnable stage that has one.
  mutating func nextTask(
    for offer: SlotOffer, config: SchedulerConfig, now: Duration
  ) -> (stage: Int, partition: Int)? {
    for stage in stages.indices where stages[stage].queue.count > 0 && isRunnable(stage) {
      // A task that is still queued on a worker when the worker dies would never become a suspect.
      if offer.prefetch != nil, deathCount > 1 { continue }
      let room = offer.free + stages[stage].prefetchDepth(slots: offer.slots, offer.prefetch)
      guard room > 0 else { continue }
      let since = stages[stage].runnableSince ?? now
      stages[stage].runnableSince = since
      let mayBeStolen = offer.prefetch == nil && now - since > config.localityWait
      let limit = mayBeStolen ? now - config.localityWait : nil
      if let partition = stages[stage].queue.next(for: offer.worker, stealingBefore: limit) {
        return (stage, partition)
      }
    }
    return nil
  }

  /// Creates a new attempt for a task that has left the queue, or a speculative attempt for a slow task.
  mutating func start(stage: Int, partition: Int, on worker: WorkerID, now: Duration) -> TaskLaunch {
    let number = stages[stage].tasks[partition].nextAttempt
    stages[stage].tasks[partition].nextAttempt += 1
    let attempt = RunningAttempt(number: number, worker: worker, inputs: inputVersion(of: stage))
    if stages[stage].tasks[partition].running == nil {
      stages[stage].tasks[partition].running = attempt
    } else {
      stages[stage].tasks[partition].speculative = attempt
    }
    if stages[stage].startedAt == nil { stages[stage].startedAt = now }
    assigned += 1
    let spec = stages[stage].spec.tasks[partition]
    return TaskLaunch(
      attempt: stages[stage].attemptID(partition, number), input: spec.input, cacheKey: spec.cacheKey ?? "")
  }
}

/// Room on a worker for one more attempt.
struct SlotOffer {
  let worker: WorkerID
  let slots: Int
  /// Free slots. Negative if attempts are queued behind the slots.
  let free: Int
  /// Set if the attempt may queue behind the slots.
  let prefetch: PrefetchLimit?
}

/// How much may be queued on a worker behind its slots.
struct PrefetchLimit {
  /// Work per slot, in microseconds.
  let microseconds: Double
  let attempts: Int
}
