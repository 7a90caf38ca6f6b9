import Wire

extension Scheduler {
  /// Fills free slots round by round, one task a worker and round, so that work spreads evenly; then queues short tasks
  /// behind the slots.
  mutating func assign(now: Duration) {
    for depth in [false, true] {
      var launched = true
      while launched {
        launched = false
        for id in workerOrder where launchNext(on: id, prefetching: depth, now: now) { launched = true }
      }
    }
  }

  /// Everything here changes jobs and workers in place: a copy held across a change would copy all tasks at each launch.
  private mutating func launchNext(on worker: WorkerID, prefetching: Bool, now: Duration) -> Bool {
    guard workers[worker]?.drainingSince == nil, let slots = workers[worker]?.info.slots,
      let held = workers[worker]?.assigned.count
    else { return false }
    let offer = SlotOffer(worker: worker, slots: slots, free: slots - held, isPrefetch: prefetching)
    guard prefetching || offer.free > 0 else { return false }
    for job in fairOrder() {
      guard let (stage, partition) = jobs[job]?.nextTask(for: offer, config: config, now: now) else {
        continue
      }
      launch(job, stage, partition, on: worker, now: now)
      return true
    }
    return false
  }

  /// Jobs that hold the fewest slots first; among equals the one that came first.
  private func fairOrder() -> [JobID] {
    if jobOrder.count < 2 { return jobOrder }
    return jobOrder.enumerated()
      .map { (held: jobs[$1]?.assigned ?? 0, arrival: $0, id: $1) }
      .sorted { ($0.held, $0.arrival) < ($1.held, $1.arrival) }
      .map(\.id)
  }

  private mutating func launch(
    _ id: JobID, _ stage: Int, _ partition: Int, on worker: WorkerID, now: Duration
  ) {
    guard let launch = jobs[id]?.start(stage: stage, partition: partition, on: worker, now: now) else {
      return
    }
    workers[worker]?.assigned[launch.attempt] = TaskProgress(attempt: launch.attempt, rows: 0, bytes: 0)
    var batch = batches.removeValue(forKey: worker) ?? TaskBatch()
    if workers[worker]?.knownStages.insert(launch.attempt.task.stage).inserted == true,
      let definition = jobs[id]?.stages[stage].definition
    {
      batch.stages.append(definition)
    }
    for upstream in jobs[id]?.stages[stage].spec.upstream ?? [] {
      guard let source = jobs[id]?.stages[upstream],
        !batch.locations.contains(where: { $0.stage == source.id })
      else { continue }
      batch.locations.append(locations(of: source))
    }
    batch.tasks.append(launch)
    batches[worker] = batch
  }

  mutating func flushBatches() {
    for worker in workerOrder {
      guard let batch = batches.removeValue(forKey: worker), !batch.tasks.isEmpty else { continue }
      actions.append(.send(worker, .launch(batch)))
    }
    batches.removeAll(keepingCapacity: true)
  }

  /// Only called for complete stages: each task is done, on a worker that is there.
  private func locations(of run: StageRun) -> MapOutputLocations {
    var endpoints: [String] = []
    var indexes: [WorkerID: UInt32] = [:]
    var owners: [UInt32] = []
    var attempts: [UInt32] = []
    for done in run.tasks.compactMap(\.done) {
      if indexes[done.worker] == nil {
        indexes[done.worker] = UInt32(endpoints.count)
        endpoints.append(workers[done.worker]?.info.shuffleEndpoint ?? "")
      }
      owners.append(indexes[done.worker] ?? 0)
      attempts.append(UInt32(done.attempt))
    }
    return MapOutputLocations(stage: run.id, endpoints: endpoints, owners: owners, attempts: attempts)
  }
}
