import Wire

/// How a job recovers lost attempts and map outputs. Invariant, kept by `remakeLostOutputs`: every map output that an incomplete
/// stage reads is on a connected worker or queued to be recomputed.
extension JobState {
  /// A worker takes no more tasks, so no task waits for it.
  mutating func stopPreferring(_ worker: WorkerID) {
    cachedOn = cachedOn.filter { $0.value != worker }
    for stage in stages.indices { stages[stage].queue.forget(worker) }
  }

  /// Puts the tasks that ran on a lost worker, and nowhere else, back into their queues.
  /// - Returns: The attempts that it ran.
  mutating func requeueAttempts(on worker: WorkerID, now: Duration) -> Int {
    var moved = 0
    for stage in stages.indices {
      for partition in stages[stage].tasks.indices {
        let task = stages[stage].tasks[partition]
        guard
          let attempt = [task.running, task.copy].lazy.compactMap({ $0 }).first(where: { $0.worker == worker }
          )
        else { continue }
        giveUp(TaskIndex(stage: stage, partition: partition), attempt.number, on: worker, now: now)
        moved += 1
      }
    }
    return moved
  }

  /// Map outputs on workers that are gone are made again where a stage that is not complete reads them. Readers come
  /// first: one that must run again needs its own inputs again, also those that were lost long ago.
  /// - Returns: Their number.
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

  /// A task could not fetch a map output. Only the very attempt that it names is given up, and only where the task's stage
  /// reads it: one made since is left alone.
  /// - Returns: The stage that must make it again.
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
