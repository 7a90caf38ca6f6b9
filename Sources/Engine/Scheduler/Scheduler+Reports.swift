import Wire

extension Scheduler {
  /// The one place where an attempt ends by a report. A report of an attempt that the worker does not hold (late, twice,
  /// of an earlier life) or that no longer counts is ignored here and nowhere else.
  mutating func receive(_ report: TaskReport, from worker: WorkerID, now: Duration) {
    guard workers[worker]?.assigned.removeValue(forKey: report.attempt) != nil else { return }
    let id = report.attempt.task.stage.job
    let partition = report.attempt.task.partition
    jobs[id]?.assigned -= 1
    guard let stage = jobs[id]?.index(of: report.attempt.task.stage),
      let running = jobs[id]?.stages[stage].tasks[partition].running,
      running.number == report.attempt.attempt, running.worker == worker
    else { return }
    jobs[id]?.stages[stage].tasks[partition].running = nil

    switch report.outcome {
    case .success(let success): succeed(id, stage, partition, report.attempt, success, on: worker, now: now)
    case .failure(let failure): fail(id, stage, partition, report.attempt, failure, on: worker, now: now)
    }
  }

  private mutating func succeed(
    _ id: JobID, _ stage: Int, _ partition: Int, _ attempt: TaskAttemptID, _ success: TaskSuccess,
    on worker: WorkerID, now: Duration
  ) {
    if success.isCached, workers[worker]?.drainingSince == nil,
      let key = jobs[id]?.stages[stage].spec.tasks[partition].cacheKey
    {
      jobs[id]?.cachedOn[key] = worker
    }
    let result = TaskResult(payload: success.result, metrics: success.metrics)
    let done = TaskState.Done(attempt: attempt.attempt, worker: worker, result: result)
    jobs[id]?.stages[stage].finish(partition, done, at: now)
    finishIfComplete(id)
  }

  private mutating func fail(
    _ id: JobID, _ stage: Int, _ partition: Int, _ attempt: TaskAttemptID, _ failure: TaskFailure,
    on worker: WorkerID, now: Duration
  ) {
    let name = jobs[id]?.stages[stage].spec.name ?? ""
    let host = workers[worker]?.info.name ?? worker.description
    switch failure {
    case .badInput:
      finish(id, .failure(.failed(failure.message)))
    case .fatal:
      finish(id, .failure(.failed("stage '\(name)', task \(partition), on \(host): \(failure.message)")))
    case .lostMapOutput(let output, let message):
      let source = jobs[id]?.loseOutput(output, readBy: stage, workers: Set(workers.ids), now: now)
      if let source, let name = jobs[id]?.stages[source].spec.name {
        let text =
          "stage '\(name)', task \(output.task.partition): its output is lost and made again: \(message)"
        actions.append(.notice(id, text))
      }
      jobs[id]?.stages[stage].tasks[partition].lostInputs += 1
      let lost = jobs[id]?.stages[stage].tasks[partition].lostInputs ?? 0
      if lost > config.maxLostInputs {
        let text = "stage '\(name)', task \(partition): its input was lost \(lost) times, the last time: "
        finish(id, .failure(.failed(text + failure.message)))
      } else {
        jobs[id]?.enqueue(stage: stage, partition: partition, now: now)
      }
    case .cancelled where workers[worker]?.drainingSince != nil:
      // A worker that leaves stops what it runs: it goes elsewhere.
      jobs[id]?.enqueue(stage: stage, partition: partition, now: now)
    case .cancelled, .transient:
      jobs[id]?.stages[stage].countFailure(partition)
      let failures = jobs[id]?.stages[stage].tasks[partition].failures ?? 0
      let text = "stage '\(name)', task \(partition), attempt \(attempt.attempt + 1) on \(host) failed"
      // Nobody asked for a task to stop that still counts, so its operator would stop again and again.
      let message = failure == .cancelled ? "it stopped without being asked to" : failure.message
      if failures >= config.maxAttempts {
        finish(id, .failure(.failed("\(text), the last of \(failures) failures: \(message)")))
      } else {
        actions.append(.notice(id, "\(text) and is retried: \(message)"))
        jobs[id]?.enqueue(stage: stage, partition: partition, now: now)
      }
    }
  }
}
