import Wire

/// What is sent to a worker at the end of a turn, with its size in bytes.
private struct OutgoingBatch {
  var content = TaskBatch()
  var size = 0
}

extension Scheduler {
  /// Assigns waiting tasks to workers: first those that must run alone, then all others, then speculative attempts in the
  /// remaining slots.
  mutating func assign(now: Duration) {
    liftExclusions(now: now)
    launchAlone(now: now)
    launchWaiting(now: now)
    speculate(now: now)
  }

  /// Fills free slots in rounds of one task per worker, so that work spreads evenly, then queues short tasks behind the slots.
  /// The launches are sent as one message per worker.
  private mutating func launchWaiting(now: Duration) {
    var waiting = jobs.ids.indices.filter { jobs[position: $0]?.hasWaitingTasks == true }
    guard !waiting.isEmpty else { return }
    waiting.sort { turn(of: $0) < turn(of: $1) }
    var batches = [OutgoingBatch?](repeating: nil, count: workers.count)
    let limit = PrefetchLimit(microseconds: config.prefetch / .microseconds(1), attempts: config.maxPrefetch)
    for prefetch in [nil, limit] {
      // A worker that gets no task in one round gets none in later rounds either.
      var round = Array(workers.ids.indices)
      while !round.isEmpty {
        round.removeAll { position in
          guard let offer = workers[position: position]?.offer(prefetch: prefetch),
            let (job, stage, launch) = launchNext(offer, &waiting, now: now)
          else { return true }
          var batch = batches[position].take() ?? OutgoingBatch()
          add(launch, of: job, stage: stage, to: &batch, for: position, now: now)
          batches[position] = batch
          return false
        }
      }
    }
    for (worker, batch) in zip(workers.ids, batches) {
      if let batch { actions.append(.send(worker, .launch(batch.content))) }
    }
  }

  /// Launches the next task for a worker, from the first job that has one.
  /// - Parameter waiting: Positions of jobs in the order of their turns. A launch changes this order.
  ///
  /// Jobs and workers are changed in place: a copy held during a change would copy all tasks at each launch.
  private mutating func launchNext(
    _ offer: SlotOffer, _ waiting: inout [Int], now: Duration
  ) -> (job: Int, stage: Int, launch: TaskLaunch)? {
    for index in waiting.indices {
      let job = waiting[index]
      guard let (stage, partition) = jobs[position: job]?.nextTask(for: offer, config: config, now: now),
        let launch = jobs[position: job]?.start(
          stage: stage, partition: partition, on: offer.worker, now: now)
      else { continue }
      if offer.prefetch == nil { serve(job) }
      var next = index + 1
      while next < waiting.count, turn(of: waiting[next]) < turn(of: job) {
        waiting.swapAt(next - 1, next)
        next += 1
      }
      return (job, stage, launch)
    }
    return nil
  }

  /// Workers with so many bytes of launches that the shell must report how much is still unsent
  /// (``SchedulerEvent/unsent(_:bytes:)``).
  package var workersWithFullQueues: [WorkerID] { workers.ids { $0.hasFullQueue } }

  /// Launches one task on one worker.
  mutating func launch(_ task: TaskIndex, of job: Int, on worker: Int, now: Duration) {
    let id = workers.ids[worker]
    guard
      let launch = jobs[position: job]?.start(stage: task.stage, partition: task.partition, on: id, now: now)
    else { return }
    var batch = OutgoingBatch()
    add(launch, of: job, stage: task.stage, to: &batch, for: worker, now: now)
    actions.append(.send(id, .launch(batch.content)))
  }

  /// Adds a launch to a worker's batch, preceded by the stage definitions and locations that the worker lacks.
  private mutating func add(
    _ launch: TaskLaunch, of job: Int, stage: Int, to batch: inout OutgoingBatch, for worker: Int,
    now: Duration
  ) {
    workers[position: worker]?.hold(launch.attempt, now: now)
    if workers[position: worker]?.learn(launch.attempt.task.stage) == true,
      let definition = jobs[position: job]?.stages[stage].definition
    {
      makeRoom(definition.size, in: &batch, for: worker)
      batch.content.stages.append(definition)
    }
    for upstream in jobs[position: job]?.stages[stage].spec.upstream ?? [] {
      guard let source = jobs[position: job]?.stages[upstream],
        workers[position: worker]?.learn(source.id, locations: source.outputVersion) == true
      else { continue }
      let locations = locations(of: source)
      makeRoom(locations.size, in: &batch, for: worker)
      batch.content.locations.append(locations)
    }
    makeRoom(launch.size, in: &batch, for: worker)
    batch.content.tasks.append(launch)
  }

  /// Sends the batch as it is if the addition would make it too large for one message.
  private mutating func makeRoom(_ bytes: Int, in batch: inout OutgoingBatch, for worker: Int) {
    if config.messages.isFull(batch.size, adding: bytes) {
      actions.append(.send(workers.ids[worker], .launch(batch.content)))
      batch = OutgoingBatch()
    }
    batch.size += bytes
    workers[position: worker]?.unsent += bytes
  }

  /// Called only for complete stages with readers, so each task is done on a worker that is present.
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
