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
  private(set) var knownStages: Set<StageID> = []
  /// Stages whose map outputs' locations it has, and of which `StageRun.outputVersion`.
  private(set) var knownLocations: [StageID: Int] = [:]
  var drainingSince: Duration?

  init(id: WorkerID, info: WorkerInfo, lastHeard: Duration) {
    self.id = id
    self.info = info
    self.lastHeard = lastHeard
  }

  /// Room for one more attempt, in a slot or, with a limit, behind the slots.
  func offer(prefetch: PrefetchLimit?) -> SlotOffer? {
    let free = info.slots - assigned.count
    guard drainingSince == nil, prefetch != nil || free > 0 else { return nil }
    return SlotOffer(worker: id, slots: info.slots, free: free, prefetch: prefetch)
  }

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
