import Engine
import Wire

/// Fairness between jobs. The launches of one turn are known only per worker, so this checks what must hold regardless of their
/// order.
extension SchedulerChecker {
  /// Called before the account takes over the scheduler's actions: the scheduler gives up workers before it launches tasks.
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

  /// Called after the actions. If a job got no slot although any worker could have taken its tasks, each job that did get a
  /// slot must have held fewer slots, or as many and been served less recently.
  mutating func endTurn(waiting: Set<JobID>) {
    // While tasks are suspects, some run alone and others do not wait for slots, so turns cannot be checked.
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
