import Engine
import Wire

/// Fairness between jobs. Launches of one turn are known per worker only, so what is checked is what must hold whatever their order was.
extension SchedulerChecker {
  /// Called before the account takes the scheduler's actions: workers that are given up are given up before tasks are launched.
  mutating func beginTurn(_ actions: [SchedulerAction]) {
    turns += 1
    served = [:]
    launchedAlone = [:]
    heldBefore = [:]
    var gone: Set<WorkerID> = []
    for case .disconnect(let worker, _) in actions { gone.insert(worker) }
    for (worker, peer) in peers where !gone.contains(worker) {
      for attempt in peer.held { heldBefore[attempt.task.stage.job, default: 0] += 1 }
    }
  }

  /// Called after the actions. A job that got no slot although any worker could have taken its tasks was passed over by others:
  /// each of those held less, or as much and had not been served since.
  mutating func endTurn(waiting: Set<JobID>) {
    // While tasks are suspected, some of them run alone and others do not wait behind slots: no turn is told from that.
    for job in waiting where served[job] == nil && deaths.isEmpty {
      let held = (heldBefore[job] ?? 0) + (launchedAlone[job] ?? 0)
      let last = lastServed[job] ?? 0
      for (other, slots) in served {
        let heldByOther = (heldBefore[other] ?? 0) + slots - 1
        let lastOfOther = slots > 1 ? turns : lastServed[other] ?? 0
        check(
          (heldByOther, lastOfOther) <= (held, last), .fair,
          "\(other) gets a slot while it holds \(heldByOther), last served in turn \(lastOfOther); \(job) waits with "
            + "\(held), last served in turn \(last)", [.job(job), .job(other)])
      }
    }
    for job in served.keys { lastServed[job] = turns }
  }
}
