import Wire

/// A job as the scheduler knows it: at most one graph runs at a time, since its driver program waits for each.
struct JobState: Sendable {
  let id: JobID
  var stages: [StageRun] = []
  /// Stages that earlier graphs of this job used up; numbers are never used twice.
  var nextStageNumber = 0
  var isCancelled = false
  var isRunning = false
  /// Attempts that workers hold for this job; jobs with fewer get the next slot.
  var assigned = 0
  /// Which worker has the input of a cache key. Looked up, never iterated in an order that matters.
  var cachedOn: [String: WorkerID] = [:]

  init(id: JobID) { self.id = id }

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

  /// Puts a task that is neither done nor running into its stage's queue.
  mutating func enqueue(stage: Int, partition: Int, now: Duration) {
    let key = stages[stage].spec.tasks[partition].cacheKey
    stages[stage].queue.add(partition, preferring: key.flatMap { cachedOn[$0] }, now: now)
  }

  /// The next task for a worker that has room, out of the first runnable stage that has one for it.
  mutating func nextTask(
    for offer: SlotOffer, config: SchedulerConfig, now: Duration
  ) -> (stage: Int, partition: Int)? {
    for stage in stages.indices where stages[stage].queue.count > 0 && isRunnable(stage) {
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

  /// Makes a new attempt at a task that has left the queue.
  mutating func start(stage: Int, partition: Int, on worker: WorkerID, now: Duration) -> TaskLaunch {
    let number = stages[stage].tasks[partition].nextAttempt
    stages[stage].tasks[partition].nextAttempt += 1
    stages[stage].tasks[partition].running = RunningAttempt(number: number, worker: worker)
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
