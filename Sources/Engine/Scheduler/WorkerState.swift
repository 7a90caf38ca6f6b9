import Wire

/// An attempt that a worker was given and has not reported on.
struct HeldAttempt: Sendable {
  var progress: TaskProgress
  let sentAt: Duration
  /// When a slot was free for it; nil while it is queued behind the slots.
  var startedAt: Duration?
}

/// Why and until when a worker gets no tasks.
package struct Exclusion: Hashable, Sendable {
  package let until: Duration
  package let reason: String
  /// Others cannot fetch from it: its map outputs do not count.
  package let isUnreachable: Bool
}

/// A worker as the scheduler knows it.
struct WorkerState: Sendable {
  let id: WorkerID
  let info: WorkerInfo
  private(set) var lastHeard: Duration
  /// Not heard for so long that it gets no tasks, and its tasks may run elsewhere too.
  private(set) var isQuiet = false
  /// An attempt leaves only by a report or with the worker, so slots are never oversubscribed, also after a cancel.
  private(set) var held: [TaskAttemptID: HeldAttempt] = [:]
  /// Held ones that have a slot. A worker starts what it gets in the order that it gets it, so the driver knows which those
  /// are without being told.
  private(set) var started = 0
  /// Held ones behind the slots, in order; also some that are held no more.
  private var queued = FIFO<TaskAttemptID>()
  /// Stages whose definitions it has.
  private(set) var knownStages: Set<StageID> = []
  /// Stages whose map outputs' locations it has, and of which `StageRun.outputVersion`.
  private(set) var knownLocations: [StageID: Int] = [:]
  var drainingSince: Duration?
  var exclusion: Exclusion?
  /// Transient failures within the window.
  var failures: [(at: Duration, task: TaskID)] = []
  /// It gets no tasks until it holds none: then it gets one that must run alone.
  var isReserved = false
  /// It holds one task, which must run alone.
  var runsAlone = false
  /// Bytes of launches sent to it that may still wait in the driver. Only the driver's shell knows what has left since, and
  /// is asked when this reaches the limit.
  var unsent = 0

  private let maxUnsent: Int

  init(id: WorkerID, info: WorkerInfo, lastHeard: Duration, maxUnsent: Int) {
    self.id = id
    self.info = info
    self.lastHeard = lastHeard
    self.maxUnsent = maxUnsent
  }

  /// So much waits for it that it gets no tasks until it has read some of it.
  var hasFullQueue: Bool { unsent >= maxUnsent }

  var canBeReserved: Bool { isUsable && !isReserved && !runsAlone && !hasFullQueue }

  /// It may be given tasks, if not just now.
  var takesTasks: Bool { drainingSince == nil && exclusion == nil }
  /// It may be given tasks now.
  var isUsable: Bool { takesTasks && !isQuiet }

  /// Room for one more attempt, in a slot or, with a limit, behind the slots.
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

  /// The attempt has been reported; the next one in the queue has its slot.
  /// - Returns: False if it was not held.
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

  /// False if it had the definition.
  mutating func learn(_ stage: StageID) -> Bool { knownStages.insert(stage).inserted }

  /// False if it had these locations.
  mutating func learn(_ stage: StageID, locations version: Int) -> Bool {
    knownLocations.updateValue(version, forKey: stage) != version
  }

  /// False if it knew nothing of the stage.
  mutating func forget(_ stage: StageID) -> Bool {
    let hadDefinition = knownStages.remove(stage) != nil
    let hadLocations = knownLocations.removeValue(forKey: stage) != nil
    return hadDefinition || hadLocations
  }
}
