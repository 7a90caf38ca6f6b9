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
      let running = jobs[id]?.stages[stage].tasks[partition].running
        .firstIndex(where: { $0.number == report.attempt.attempt && $0.worker == worker })
    else { return }
    jobs[id]?.stages[stage].tasks[partition].running.remove(at: running)

    switch report.outcome {
    case .success(let success): succeed(id, stage, partition, report.attempt, success, on: worker, now: now)
    case .failure(let failure): fail(id, stage, partition, report.attempt, failure, on: worker)
    }
  }

  private mutating func succeed(
    _ id: JobID, _ stage: Int, _ partition: Int, _ attempt: TaskAttemptID, _ success: TaskSuccess,
    on worker: WorkerID, now: Duration
  ) {
    guard jobs[id]?.stages[stage].tasks[partition].done == nil else { return }
    if success.isCached, let key = jobs[id]?.stages[stage].spec.tasks[partition].cacheKey {
      jobs[id]?.cachedOn[key] = worker
    }
    let result = TaskResult(payload: success.result, metrics: success.metrics)
    let done = TaskState.Done(attempt: attempt.attempt, worker: worker, result: result)
    jobs[id]?.stages[stage].finish(partition, done, at: now)
    finishIfComplete(id)
  }

  private mutating func fail(
    _ id: JobID, _ stage: Int, _ partition: Int, _ attempt: TaskAttemptID, _ failure: TaskFailure,
    on worker: WorkerID
  ) {
    let name = jobs[id]?.stages[stage].spec.name ?? ""
    let host = workers[worker]?.info.name ?? worker.description
    switch failure {
    case .badInput:
      finish(id, .failure(.failed(failure.message)))
    case .fatal:
      finish(id, .failure(.failed("stage '\(name)', task \(partition), on \(host): \(failure.message)")))
    case .cancelled:
      // Nobody asked for it while the task still counts, as when a worker shuts down: it goes elsewhere.
      requeue(id, stage, partition)
    case .lostMapOutput(let output, let message):
      loseOutput(output, message: message)
      jobs[id]?.stages[stage].tasks[partition].lostInputs += 1
      let lost = jobs[id]?.stages[stage].tasks[partition].lostInputs ?? 0
      if lost > config.maxLostInputs {
        let text = "stage '\(name)', task \(partition): its input was lost \(lost) times, the last time: "
        finish(id, .failure(.failed(text + failure.message)))
      } else {
        requeue(id, stage, partition)
      }
    case .transient(let message):
      jobs[id]?.stages[stage].countFailure(partition)
      let failures = jobs[id]?.stages[stage].tasks[partition].failures ?? 0
      let text = "stage '\(name)', task \(partition), attempt \(attempt.attempt + 1) on \(host) failed"
      if failures >= config.maxAttempts {
        finish(id, .failure(.failed("\(text), the last of \(failures) failures: \(message)")))
      } else {
        actions.append(.notice(id, "\(text) and is retried: \(message)"))
        requeue(id, stage, partition)
      }
    }
  }

  /// Puts a task back into its queue, unless it is done or another attempt is running.
  mutating func requeue(_ id: JobID, _ stage: Int, _ partition: Int) {
    guard let task = jobs[id]?.stages[stage].tasks[partition], task.done == nil, task.running.isEmpty
    else { return }
    jobs[id]?.enqueue(stage: stage, partition: partition)
  }

  /// A map output cannot be fetched. Only the very attempt that is named is given up: one made since is left alone.
  private mutating func loseOutput(_ output: TaskAttemptID, message: String) {
    let id = output.task.stage.job
    guard let stage = jobs[id]?.index(of: output.task.stage),
      let tasks = jobs[id]?.stages[stage].tasks, tasks.indices.contains(output.task.partition),
      tasks[output.task.partition].done?.attempt == output.attempt
    else { return }
    let name = jobs[id]?.stages[stage].spec.name ?? ""
    actions.append(
      .notice(
        id, "stage '\(name)', task \(output.task.partition): its output is lost and made again: \(message)"))
    jobs[id]?.stages[stage].undo(output.task.partition)
    requeue(id, stage, output.task.partition)
  }
}
