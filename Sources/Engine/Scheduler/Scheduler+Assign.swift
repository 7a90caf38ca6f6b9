import Wire

extension Scheduler {
  /// Fills free slots round by round, one task a worker and round, so that work spreads evenly; then queues short tasks
  /// behind the slots. The launches go out as one message a worker.
  mutating func assign(now: Duration) {
    guard jobs.values.contains(where: \.hasWaitingTasks) else { return }
    var batches: [WorkerID: TaskBatch] = [:]
    for prefetching in [false, true] {
      // A worker for which there is nothing gets nothing in later rounds either.
      var round = workerOrder
      while !round.isEmpty {
        round.removeAll { !launchNext(on: $0, prefetching: prefetching, &batches, now: now) }
      }
    }
    for worker in workerOrder {
      if let batch = batches[worker] { actions.append(.send(worker, .launch(batch))) }
    }
  }

  /// Everything here changes jobs and workers in place: a copy held across a change would copy all tasks at each launch.
  private mutating func launchNext(
    on worker: WorkerID, prefetching: Bool, _ batches: inout [WorkerID: TaskBatch], now: Duration
  ) -> Bool {
    guard let offer = workers[worker]?.offer(isPrefetch: prefetching) else { return false }
    for job in fairOrder() {
      guard let (stage, partition) = jobs[job]?.nextTask(for: offer, config: config, now: now) else {
        continue
      }
      launch(job, stage, partition, on: worker, &batches[worker, default: TaskBatch()], now: now)
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
    _ id: JobID, _ stage: Int, _ partition: Int, on worker: WorkerID, _ batch: inout TaskBatch, now: Duration
  ) {
    guard let launch = jobs[id]?.start(stage: stage, partition: partition, on: worker, now: now) else {
      return
    }
    workers[worker]?.assigned[launch.attempt] = TaskProgress(attempt: launch.attempt, rows: 0, bytes: 0)
    batch.tasks.append(launch)
    if workers[worker]?.learn(launch.attempt.task.stage) == true,
      let definition = jobs[id]?.stages[stage].definition
    {
      batch.stages.append(definition)
    }
    for upstream in jobs[id]?.stages[stage].spec.upstream ?? [] {
      guard let source = jobs[id]?.stages[upstream],
        workers[worker]?.learn(source.id, locations: source.outputVersion) == true
      else { continue }
      batch.locations.append(locations(of: source))
    }
  }

  /// Only called for complete stages that are read: each task is done, on a worker that is there.
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
