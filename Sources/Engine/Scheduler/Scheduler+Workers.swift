import Wire

extension Scheduler {
  mutating func join(_ id: WorkerID, _ info: WorkerInfo, now: Duration) {
    guard workers[id] == nil else { return }
    workers[id] = WorkerState(id: id, info: info, lastHeard: now)
    workerOrder.append(id)
    workerOrder.sort()
    workerlessSince = nil
    actions.append(.send(id, .registered(id)))
  }

  /// Everything that a worker held is given up: its attempts go elsewhere, its map outputs that are still needed are made
  /// again, tasks no longer wait for its cache.
  mutating func lose(_ id: WorkerID, reason: String, now: Duration) {
    guard let worker = workers.removeValue(forKey: id) else { return }
    workerOrder.removeAll { $0 == id }
    batches.removeValue(forKey: id)
    if workerOrder.isEmpty { workerlessSince = now }
    for attempt in worker.assigned.keys { jobs[attempt.task.stage.job]?.assigned -= 1 }
    for job in jobOrder { giveUp(worker, of: job, reason: reason) }
    actions.append(.disconnect(id, reason: reason))
  }

  private mutating func giveUp(_ worker: WorkerState, of id: JobID, reason: String) {
    guard var job = jobs[id] else { return }
    job.cachedOn = job.cachedOn.filter { $0.value != worker.id }
    var moved = 0
    var remade = 0
    for stage in job.stages.indices {
      job.stages[stage].queue.forget(worker.id)
      let isNeeded = job.stages[stage].feedsShuffle && job.isNeeded(stage)
      for partition in job.stages[stage].tasks.indices {
        let task = job.stages[stage].tasks[partition]
        if task.running.contains(where: { $0.worker == worker.id }) {
          job.stages[stage].tasks[partition].running.removeAll { $0.worker == worker.id }
          moved += 1
        } else if isNeeded, task.done?.worker == worker.id {
          job.stages[stage].undo(partition)
          remade += 1
        } else {
          continue
        }
        let left = job.stages[stage].tasks[partition]
        if left.done == nil, left.running.isEmpty { job.enqueue(stage: stage, partition: partition) }
      }
    }
    jobs[id] = job
    guard job.isRunning, moved + remade > 0 || worker.drainingSince == nil else { return }
    actions.append(
      .notice(
        id,
        "worker \(worker.info.name) is lost (\(reason)): \(moved) running tasks go elsewhere, "
          + "\(remade) map outputs are made again"))
  }

  mutating func drain(_ id: WorkerID, now: Duration) {
    guard workers[id]?.drainingSince == nil else { return }
    workers[id]?.drainingSince = now
    for job in jobOrder {
      for stage in jobs[job]?.stages.indices ?? 0..<0 { jobs[job]?.stages[stage].queue.forget(id) }
    }
  }

  /// A draining worker may go when it holds no attempt and no map output that a running graph needs, or when it has waited
  /// for that long enough.
  mutating func releaseDrained(now: Duration) {
    for id in workerOrder {
      guard let worker = workers[id], let since = worker.drainingSince else { continue }
      let isIdle = worker.assigned.isEmpty && !holdsNeededOutputs(id)
      guard isIdle || now - since > config.drainTimeout else { continue }
      actions.append(.send(id, .goodbye))
      lose(id, reason: "drained", now: now)
    }
  }

  private func holdsNeededOutputs(_ id: WorkerID) -> Bool {
    jobs.values.contains { job in
      job.stages.indices.contains { stage in
        job.stages[stage].feedsShuffle && job.isNeeded(stage)
          && job.stages[stage].tasks.contains { $0.done?.worker == id }
      }
    }
  }
}
