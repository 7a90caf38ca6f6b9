import Wire

/// An attempt that a worker was given and has not reported on.
struct HeldAttempt: Sendable {
  var progress: TaskProgress
  let sentAt: Duration
  /// When it got a slot; nil while it is queued behind the slots.
  var startedAt: Duration?
}

/// Why a worker gets no tasks, and until when.
package struct Exclusion: Hashable, Sendable {
  package let until: Duration
  package let reason: String
  /// Other workers cannot fetch from it, so its map outputs do not count.
  package let isUnreachable: Bool
}

/// A worker as the scheduler knows it.
struct WorkerState: Sendable {
  let id: WorkerID
  let info: WorkerInfo
  private(set) var lastHeard: Duration
  /// It has been silent so long that it gets no tasks, and its tasks may also run elsewhere.
  private(set) var isQuiet = false
  /// An attempt is removed only by a report or with the worker, so slots are never oversubscribed, not even after a cancel.
  private(set) var held: [TaskAttemptID: HeldAttempt] = [:]
  /// Number of held attempts that have a slot. A worker starts attempts in the order it receives them, so the driver knows
  /// which ones have slots without being told.
  private(set) var started = 0
  /// Held attempts behind the slots, in order. May also contain attempts that are no longer held.
  private var queued = FIFO<TaskAttemptID>()
  /// Stages whose definitions it has.
  private(set) var knownStages: Set<StageID> = []
  /// Stages whose map output locations it has, with the `StageRun.outputVersion` it knows.
  private(set) var knownLocations: [StageID: Int] = [:]
  var drainingSince: Duration?
  var exclusion: Exclusion?
  /// Transient failures within the window.
  var failures: [(at: Duration, task: TaskID)] = []
  /// It gets no tasks until it holds none, then gets one that must run alone.
  var isReserved = false
  /// It holds a single task, which must run alone.
  var runsAlone = false
  /// Bytes of launches sent to it that may still be queued in the driver. Only the driver's shell knows how much has been sent
  /// since; it is asked when this reaches the limit.
  var unsent = 0

  private let maxUnsent: Int

  init(id: WorkerID, info: WorkerInfo, lastHeard: Duration, maxUnsent: Int) {
    self.id = id
    self.info = info
    self.lastHeard = lastHeard
    self.maxUnsent = maxUnsent
  }

  /// Whether so many bytes are queued for it that it gets no tasks until it has read some.
  var hasFullQueue: Bool { unsent >= maxUnsent }

  var canBeReserved: Bool { isUsable && !isReserved && !runsAlone && !hasFullQueue }

  /// Whether it may be given tasks in general, though perhaps not right now.
  var takesTasks: Bool { drainingSince == nil && exclusion == nil }
  /// Whether it may be given tasks now.
  var isUsable: Bool { takesTasks && !isQuiet }

  /// Room for one more attempt, in a slot or, with a limit, behind the slots; nil if there is none.
  func offer(prefetch: PrefetchLimit?) -> SlotOffer? {
    let free = info.slots - held.count
    guard canBeReserved, prefetch != nil || free > 0 else { return nil }
    return SlotOffer(worker: id, slots: info.slots, free: free, prefetch: prefetch)
  }

  mutating func hear(at now: Duration) {
    lastHeard = now
    isQuiet = false
  }

  /// - Returns: How long it has been silent.
  mutating func listen(at now: Duration, quietAfter limit: Duration) -> Duration {
    isQuiet = now - lastHeard > limit
    return now - lastHeard
  }

  // MARK: attempts

  mutating func hold(_ attempt: TaskAttemptID, now: Duration) {
    let progress = TaskProgress(attempt: attempt, rows: 0, bytes: 0)
    let starts = started < info.slots
    held[attempt] = HeldAttempt(progress: progress, sentAt: now, startedAt: starts ? now : nil)
    if starts { started += 1 } else { queued.append(attempt) }
  }

  /// Removes an attempt that was reported. The next queued attempt gets its slot.
  /// - Returns: False if the attempt was not held.
  mutating func release(_ attempt: TaskAttemptID, now: Duration) -> Bool {
    guard let gone = held.removeValue(forKey: attempt) else { return false }
    if held.isEmpty { runsAlone = false }
    guard gone.startedAt != nil else { return true }
    started -= 1
    while started < info.slots, let next = queued.popFirst() {
      guard held[next] != nil else { continue }
      held[next]?.startedAt = now
      started += 1
    }
    return true
  }

  mutating func note(_ progress: TaskProgress) {
    guard held[progress.attempt] != nil else { return }
    held[progress.attempt]?.progress = progress
  }

  // MARK: what it knows

  /// Records that it has the definition. Returns false if it already had it.
  mutating func learn(_ stage: StageID) -> Bool { knownStages.insert(stage).inserted }

  /// Records that it has these locations. Returns false if it already had them.
  mutating func learn(_ stage: StageID, locations version: Int) -> Bool {
    knownLocations.updateValue(version, forKey: stage) != version
  }

  /// Records that it forgets the stage. Returns false if it knew nothing about it.
  mutating func forget(_ stage: StageID) -> Bool {
    let hadDefinition = knownStages.remove(stage) != nil
    let hadLocations = knownLocations.removeValue(forKey: stage) != nil
    return hadDefinition || hadLocations
  }
}
