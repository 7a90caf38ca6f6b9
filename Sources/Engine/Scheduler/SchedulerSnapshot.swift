import Wire

/// How far a stage is; for progress bars and pages.
package struct StageSnapshot: Hashable, Sendable {
  package let id: StageID
  package let name: String
  package let tasks: Int
  package let running: Int
  package let done: Int
  package let failedAttempts: Int
  /// Finished tasks' metrics, and rows and bytes of the running ones.
  package let metrics: TaskMetrics
  /// Time since its first task was launched, until its end.
  package let elapsed: Duration
}

extension Scheduler {
  /// The stages of the job's present graph, in order.
  package func stages(of id: JobID, now: Duration) -> [StageSnapshot] {
    guard let job = jobs[id] else { return [] }
    return job.stages.map { stage in
      var metrics = stage.metrics
      var running = 0
      for (partition, task) in stage.tasks.enumerated() {
        guard let attempt = task.running else { continue }
        running += 1
        if let progress = workers[attempt.worker]?.assigned[stage.attemptID(partition, attempt.number)] {
          var claimed = TaskMetrics()
          claimed.rowsRead = progress.rows
          claimed.bytesRead = progress.bytes
          metrics += claimed
        }
      }
      let end = stage.finishedAt ?? now
      return StageSnapshot(
        id: stage.id, name: stage.spec.name, tasks: stage.tasks.count, running: running,
        done: stage.doneCount,
        failedAttempts: stage.failedAttempts, metrics: metrics,
        elapsed: stage.startedAt.map { end - $0 } ?? .zero)
    }
  }

  package var workerCount: Int { workers.count }
}
