import Wire

extension Scheduler {
  mutating func join(_ id: WorkerID, _ info: WorkerInfo, now: Duration) {
    guard workers[id] == nil else { return }
    // Earlier connections of the same process are dead, even if the driver has not noticed yet.
    for earlier in workers.ids(where: { $0.info.isEarlierLife(of: info) }) {
      lose(earlier, .rejoined, now: now)
    }
    let worker = WorkerState(id: id, info: info, lastHeard: now, maxUnsent: config.messages.unsent)
    workers.insert(worker, for: id) { $0 > id }
    workerlessSince = nil
    if info.life > 1 { showSuspects(register.strike(info)) }
    actions.append(.send(id, .registered(id)))
  }

  /// Gives up everything a lost worker held: its attempts are retried elsewhere, its map outputs that are still needed are
  /// recomputed, and tasks no longer wait for its cache.
  mutating func lose(_ id: WorkerID, _ departure: WorkerDeparture, now: Duration) {
    guard let worker = workers.remove(id) else { return }
    if workers.isEmpty { workerlessSince = now }
    if !departure.isOrderly { investigate(worker) }
    failedFetches.removeAll { $0.involves(id) }
    for attempt in worker.held.keys {
      jobs[attempt.task.stage.job]?.assigned -= 1
      forgetReleased(attempt.task.stage.job)
    }
    let left = sources
    for job in jobs.ids {
      jobs[job]?.stopPreferring(id)
      let moved = jobs[job]?.requeueAttempts(on: id, now: now) ?? 0
      let remade = jobs[job]?.remakeLostOutputs(workers: left, now: now) ?? 0
      guard jobs[job]?.isRunning == true, moved + remade > 0 || worker.drainingSince == nil else { continue }
      let text = "worker \(worker.info.name) is lost (\(departure)): \(moved) running tasks go elsewhere, "
      actions.append(.notice(job, text + "\(remade) map outputs are made again"))
    }
    actions.append(.disconnect(id, departure))
    // A hung machine keeps its connections open, so workers fetching from it would wait for their own timeout.
    guard !worker.knownStages.isEmpty else { return }
    for other in workers.ids { actions.append(.send(other, .peerLost(worker.info.shuffleEndpoint))) }
  }

  mutating func drain(_ id: WorkerID, now: Duration) {
    guard workers[id]?.drainingSince == nil else { return }
    workers[id]?.drainingSince = now
    for job in jobs.ids { jobs[job]?.stopPreferring(id) }
  }

  /// Lets a draining worker leave when it holds no attempts and no map outputs that a running graph needs, or when the drain
  /// timeout has passed.
  mutating func releaseDrained(now: Duration) {
    for id in workers.ids(where: { $0.drainingSince != nil }) {
      guard let worker = workers[id], let since = worker.drainingSince else { continue }
      let isIdle = worker.held.isEmpty && !holdsNeededOutputs(id)
      guard isIdle || now - since > config.drainTimeout else { continue }
      actions.append(.send(id, .goodbye))
      lose(id, .drained, now: now)
    }
  }

  private func holdsNeededOutputs(_ id: WorkerID) -> Bool {
    jobs.all.contains { job in
      job.stages.indices.contains { stage in
        job.stages[stage].feedsShuffle && job.isNeeded(stage)
          && job.stages[stage].tasks.contains { $0.done?.worker == id }
      }
    }
  }
}
