import Wire

/// The progress of a stage, for progress bars and web pages.
package struct StageSnapshot: Hashable, Sendable {
  package let id: StageID
  package let name: String
  package let tasks: Int
  package let running: Int
  package let done: Int
  package let failedAttempts: Int
  /// Number of speculative attempts so far.
  package let speculativeAttempts: Int
  /// Metrics of finished tasks, plus rows and bytes of running ones.
  package let metrics: TaskMetrics
  /// Time from the launch of its first task until now, or until the stage ended.
  package let elapsed: Duration
}

/// A worker as shown on web pages.
package struct WorkerSnapshot: Hashable, Sendable {
  package let id: WorkerID
  package let info: WorkerInfo
  /// Attempts in its slots; `queued` counts those behind the slots.
  package let running: Int
  package let queued: Int
  /// Time since the driver's start.
  package let lastHeard: Duration
  package let isDraining: Bool
  /// Whether it has been silent for a while and gets no tasks.
  package let isQuiet: Bool
  package let exclusion: Exclusion?
}

extension Scheduler {
  /// All workers, in order of their numbers.
  package var workerSnapshots: [WorkerSnapshot] {
    workers.all.map {
      WorkerSnapshot(
        id: $0.id, info: $0.info, running: $0.started, queued: $0.held.count - $0.started,
        lastHeard: $0.lastHeard, isDraining: $0.drainingSince != nil, isQuiet: $0.isQuiet,
        exclusion: $0.exclusion)
    }
  }

  /// The stages of the job's current graph, in order.
  package func stages(of id: JobID, now: Duration) -> [StageSnapshot] {
    guard let job = jobs[id] else { return [] }
    var running = [Int](repeating: 0, count: job.stages.count)
    var metrics = job.stages.map(\.metrics)
    // By worker: there are far fewer held attempts than tasks.
    for worker in workers.all {
      for (attempt, held) in worker.held where attempt.task.stage.job == id {
        guard let index = job.index(of: attempt.task.stage),
          let first = job.stages[index].tasks[attempt.task.partition].running,
          first.number == attempt.attempt, first.worker == worker.id
        else { continue }
        running[index] += 1
        var claimed = TaskMetrics()
        claimed.rowsRead = held.progress.rows
        claimed.bytesRead = held.progress.bytes
        metrics[index] += claimed
      }
    }
    return job.stages.enumerated().map { index, stage in
      let end = stage.finishedAt ?? now
      return StageSnapshot(
        id: stage.id, name: stage.spec.name, tasks: stage.tasks.count, running: running[index],
        done: stage.doneCount,
        failedAttempts: stage.failedAttempts, speculativeAttempts: stage.speculativeAttempts,
        metrics: metrics[index],
        elapsed: stage.startedAt.map { end - $0 } ?? .zero)
    }
  }

  package var workerCount: Int { workers.count }
}
