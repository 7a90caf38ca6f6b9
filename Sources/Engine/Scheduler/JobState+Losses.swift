import Wire

/// Recovers a job's lost attempts and map outputs. Invariant, kept by `remakeLostOutputs`: every map output that an incomplete
/// stage reads is on a connected worker or queued to be recomputed.
extension JobState {
  /// Stops tasks from waiting for a worker that takes no more tasks.
  mutating func stopPreferring(_ worker: WorkerID) {
    cachedOn = cachedOn.filter { $0.value != worker }
    for stage in stages.indices { stages[stage].queue.forget(worker) }
  }

  /// Requeues the tasks that ran only on a lost worker.
  /// - Returns: The number of attempts that it ran.
  mutating func requeueAttempts(on worker: WorkerID, now: Duration) -> Int {
    var moved = 0
    for stage in stages.indices {
      for partition in stages[stage].tasks.indices {
        let task = stages[stage].tasks[partition]
        guard
          let attempt = [task.running, task.speculative].lazy.compactMap({ $0 }).first(where: {
            $0.worker == worker
          }
          )
        else { continue }
        giveUp(TaskIndex(stage: stage, partition: partition), attempt.number, on: worker, now: now)
        moved += 1
      }
    }
    return moved
  }

  /// Recomputes map outputs on lost workers if an incomplete stage reads them. Reading stages are handled first: a reader that
  /// must run again needs its own inputs again, including those lost long ago.
  /// - Returns: The number of map outputs to recompute.
  mutating func remakeLostOutputs(workers: Set<WorkerID>, now: Duration) -> Int {
    var remade = 0
    for stage in stages.indices.reversed() where stages[stage].feedsShuffle && isNeeded(stage) {
      for partition in stages[stage].tasks.indices {
        guard let worker = stages[stage].tasks[partition].done?.worker, !workers.contains(worker) else {
          continue
        }
        stages[stage].undo(partition)
        enqueue(stage: stage, partition: partition, now: now)
        remade += 1
      }
    }
    return remade
  }

  /// Handles a task that could not fetch a map output. Only the named attempt's output is discarded, and only if the task's
  /// stage reads it; a newer output is kept.
  /// - Returns: The stage that must recompute the output, or nil if nothing was discarded.
  mutating func loseOutput(
    _ output: TaskAttemptID, readBy reader: Int, workers: Set<WorkerID>, now: Duration
  ) -> Int? {
    let partition = output.task.partition
    guard let stage = index(of: output.task.stage), stages[reader].spec.upstream.contains(stage),
      stages[stage].tasks.indices.contains(partition),
      stages[stage].tasks[partition].done?.attempt == output.attempt
    else { return nil }
    let wasComplete = stages[stage].isComplete
    formerHolders[output] = stages[stage].tasks[partition].done?.worker
    stages[stage].undo(partition)
    enqueue(stage: stage, partition: partition, now: now)
    if wasComplete { _ = remakeLostOutputs(workers: workers, now: now) }
    return stage
  }
}
