import Wire

/// A task of a job's current graph: index of its stage, and partition.
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
  /// The driver is done with it.
  var isReleased = false
  var isRunning = false
  /// Attempts that workers hold for this job.
  var assigned = 0
  /// Number of the launch by which it last got a slot; see ``Turn``.
  var lastServed = 0
  /// The worker that has cached the input for a key. Never iterated in an order that matters.
  var cachedOn: [String: WorkerID] = [:]
  /// Tasks that wait for a worker on which nothing else runs, in order.
  var alone: [TaskIndex] = []
  /// Tasks that may have killed workers, so that nothing else may run beside them.
  var suspects: Set<TaskIndex> = []
  /// Bytes of the results of the last stage so far.
  var resultBytes = 0
  /// Workers that died while they held attempts of the present graph.
  var deathCount = 0
  /// Workers that held map outputs which could not be fetched, for readers that notice later than the first one.
  var formerHolders: [TaskAttemptID: WorkerID] = [:]

  init(id: JobID) { self.id = id }

  /// Forgets the last graph.
  mutating func reset(_ stages: [StageRun]) {
    self.stages = stages
    alone = []
    suspects = []
    deathCount = 0
    resultBytes = 0
    formerHolders = [:]
  }

  /// The task of a worker's attempt, if the attempt still counts.
  func taskIndex(of attempt: TaskAttemptID, on worker: WorkerID) -> TaskIndex? {
    let partition = attempt.task.partition
    guard let stage = index(of: attempt.task.stage) else { return nil }
    let task = stages[stage].tasks[partition]
    for run in [task.running, task.copy] {
      if let run, run.number == attempt.attempt, run.worker == worker {
        return TaskIndex(stage: stage, partition: partition)
      }
    }
    return nil
  }

  /// The attempt may be the cause of what happens where it runs: its task has not succeeded since it was launched. It need
  /// not count any more, since it may have been given up because its worker had died already.
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

  /// The next task that waits for a worker of its own and can be launched, after the first `skipped`.
  /// - Parameter unanswered: Tasks that must wait longer.
  func waitingAlone(after skipped: Int, unless unanswered: Set<TaskID> = []) -> TaskIndex? {
    alone.lazy.filter { isRunnable($0.stage) && !unanswered.contains(id(of: $0)) }.dropFirst(skipped).first
  }

  /// Changes whenever map outputs that the stage reads are lost.
  func inputVersion(of stage: Int) -> Int {
    stages[stage].spec.upstream.reduce(0) { $0 + stages[$1].outputVersion }
  }

  /// The index of a stage of the present graph.
  func index(of stage: StageID) -> Int? {
    guard let first = stages.first?.id.number else { return nil }
    let index = stage.number - first
    return stages.indices.contains(index) && stage.job == id ? index : nil
  }

  /// All map outputs that the stage reads exist.
  func isReady(_ index: Int) -> Bool {
    for upstream in stages[index].spec.upstream where !stages[upstream].isComplete { return false }
    return true
  }

  /// Some stage that is not complete reads this one's map outputs.
  func isNeeded(_ index: Int) -> Bool {
    stages.contains { !$0.isComplete && $0.spec.upstream.contains(index) }
  }

  /// Tasks of the stage may be launched: the results or map outputs are waited for, and what they read exists.
  func isRunnable(_ index: Int) -> Bool {
    isReady(index) && (index == stages.count - 1 || isNeeded(index))
  }

  /// Some stage has tasks that can be launched now.
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

  /// From now on nothing may run beside the task, even if it is already queued among others.
  mutating func suspect(_ taskIndex: TaskIndex) {
    suspects.insert(taskIndex)
    if stages[taskIndex.stage].queue.remove(taskIndex.partition) { alone.append(taskIndex) }
  }

  /// Ends an attempt without a result; the task waits if it was the only one.
  mutating func giveUp(
    _ taskIndex: TaskIndex, _ number: Int, on worker: WorkerID, preferring other: WorkerID? = nil,
    now: Duration
  ) {
    guard stages[taskIndex.stage].tasks[taskIndex.partition].end(number, on: worker),
      stages[taskIndex.stage].tasks[taskIndex.partition].running == nil
    else { return }
    enqueue(stage: taskIndex.stage, partition: taskIndex.partition, preferring: other, now: now)
  }

  /// The next task for a worker that has room, out of the first runnable stage that has one for it.
  mutating func nextTask(
    for offer: SlotOffer, config: SchedulerConfig, now: Duration
  ) -> (stage: Int, partition: Int)? {
    for stage in stages.indices where stages[stage].queue.count > 0 && isRunnable(stage) {
      // What dies with a worker while it is queued there would never be suspected.
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

  /// Makes a new attempt at a task that has left the queue, or a second one at a slow task.
  mutating func start(stage: Int, partition: Int, on worker: WorkerID, now: Duration) -> TaskLaunch {
    let number = stages[stage].tasks[partition].nextAttempt
    stages[stage].tasks[partition].nextAttempt += 1
    let attempt = RunningAttempt(number: number, worker: worker, inputs: inputVersion(of: stage))
    if stages[stage].tasks[partition].running == nil {
      stages[stage].tasks[partition].running = attempt
    } else {
      stages[stage].tasks[partition].copy = attempt
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
  /// Slots without an attempt; negative where attempts queue behind the slots.
  let free: Int
  /// Set where the attempt may wait behind others.
  let prefetch: PrefetchLimit?
}

/// How much may wait on a worker behind its slots.
struct PrefetchLimit {
  /// Work, in microseconds a slot.
  let microseconds: Double
  let attempts: Int
}
