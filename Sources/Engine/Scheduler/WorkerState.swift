import Wire

/// A worker as the scheduler knows it.
struct WorkerState: Sendable {
  let id: WorkerID
  let info: WorkerInfo
  var lastHeard: Duration
  /// Attempts that it was given and has not reported on. An attempt leaves only by a report or with the worker, so slots are
  /// never oversubscribed, also after a cancel.
  var assigned: [TaskAttemptID: TaskProgress] = [:]
  /// Stages whose definitions it has.
  var knownStages: Set<StageID> = []
  var drainingSince: Duration?

  init(id: WorkerID, info: WorkerInfo, lastHeard: Duration) {
    self.id = id
    self.info = info
    self.lastHeard = lastHeard
  }
}
