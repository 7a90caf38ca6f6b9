import Wire

extension Scheduler {
  /// The only place where a report ends an attempt. Reports of attempts that the worker does not hold (late, duplicate, from an
  /// earlier life) or that no longer count are ignored here and nowhere else.
  mutating func receive(_ report: TaskReport, from worker: WorkerID, now: Duration) {
    guard workers[worker]?.release(report.attempt, now: now) == true else { return }
    let id = report.attempt.task.stage.job
    let partition = report.attempt.task.partition
    jobs[id]?.assigned -= 1
    forgetReleased(id)
    guard let stage = jobs[id]?.index(of: report.attempt.task.stage),
      jobs[id]?.stages[stage].tasks[partition].end(report.attempt.attempt, on: worker) == true
    else { return }

    switch report.outcome {
    case .success(let success): succeed(id, stage, partition, report.attempt, success, on: worker, now: now)
    case .failure(let failure): fail(id, stage, partition, report.attempt, failure, on: worker, now: now)
    }
  }

  private mutating func succeed(
    _ id: JobID, _ stage: Int, _ partition: Int, _ attempt: TaskAttemptID, _ success: TaskSuccess,
    on worker: WorkerID, now: Duration
  ) {
    if success.isCached, workers[worker]?.takesTasks == true,
      let key = jobs[id]?.stages[stage].spec.tasks[partition].cacheKey
    {
      jobs[id]?.cachedOn[key] = worker
    }
    // Results of other stages are not needed.
    let isLast = stage + 1 == jobs[id]?.stages.count
    let result = TaskResult(payload: isLast ? success.result : [], metrics: success.metrics)
    let done = TaskState.Done(attempt: attempt.attempt, worker: worker, result: result)
    if register.clear(attempt.task) { showSuspects([attempt.task]) }
    if let other = jobs[id]?.stages[stage].tasks[partition].running {
      jobs[id]?.stages[stage].tasks[partition].running = nil
      let loser = TaskAttemptID(task: attempt.task, attempt: other.number)
      actions.append(.send(other.worker, .cancel([loser])))
    }
    jobs[id]?.stages[stage].finish(partition, done, at: now)
    jobs[id]?.resultBytes += result.payload.count
    guard let job = jobs[id], job.resultBytes <= config.maxResultBytes else {
      let name = jobs[id]?.stages[stage].spec.name ?? ""
      let text =
        "the results of stage '\(name)' have over \(config.maxResultBytes) bytes, which the driver would have to keep"
      return finish(id, .failure(.failed(text + ": write them to files instead")))
    }
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
      let left = sources
      let source = jobs[id]?.loseOutput(output, readBy: stage, workers: left, now: now)
      if let source, let name = jobs[id]?.stages[source].spec.name {
        let text =
          "stage '\(name)', task \(output.task.partition): its output is lost and made again: \(message)"
        actions.append(.notice(id, text))
      }
      let holder = jobs[id]?.formerHolders[output]
      jobs[id]?.stages[stage].tasks[partition].lostInputs += 1
      let lost = jobs[id]?.stages[stage].tasks[partition].lostInputs ?? 0
      if lost > config.maxLostInputs {
        let text = "stage '\(name)', task \(partition): its input was lost \(lost) times, the last time: "
        finish(id, .failure(.failed(text + failure.message)))
      } else {
        requeue(id, stage, partition, now: now)
      }
      // Must come last: it may give up the attempts on the worker that runs the task's other attempt.
      if let holder { blame(holder, fetching: output, by: worker, now: now) }
    case .cancelled where workers[worker]?.drainingSince != nil:
      // A draining worker stops its attempts; the task runs elsewhere.
      requeue(id, stage, partition, now: now)
    case .cancelled, .transient:
      jobs[id]?.stages[stage].countFailure(partition)
      let failures = jobs[id]?.stages[stage].tasks[partition].failures ?? 0
      let text = "stage '\(name)', task \(partition), attempt \(attempt.attempt + 1) on \(host) failed"
      // The attempt still counts and nobody cancelled it, so a retry of its operator would stop the same way.
      let message = failure == .cancelled ? "it stopped without being asked to" : failure.message
      if failures >= config.maxAttempts {
        finish(id, .failure(.failed("\(text), the last of \(failures) failures: \(message)")))
      } else {
        actions.append(.notice(id, "\(text) and is retried: \(message)"))
        requeue(id, stage, partition, avoiding: worker, now: now)
        if case .transient = failure { blame(worker, for: attempt.task, now: now) }
      }
    }
  }

  /// Requeues the task unless its other attempt is still running. After a failure it prefers a worker other than the one where
  /// it failed, if possible: a full disk fails tasks faster than other workers can take them.
  private mutating func requeue(
    _ id: JobID, _ stage: Int, _ partition: Int, avoiding failed: WorkerID? = nil, now: Duration
  ) {
    guard let job = jobs[id], job.stages[stage].tasks[partition].running == nil else { return }
    let cached = job.stages[stage].spec.tasks[partition].cacheKey.flatMap { job.cachedOn[$0] }
    var preferred: WorkerID?
    if let failed, cached == nil || cached == failed {
      preferred =
        workers.all.filter { $0.isUsable && $0.id != failed }
        .min { $0.held.count * $1.info.slots < $1.held.count * $0.info.slots }?.id
    }
    jobs[id]?.enqueue(stage: stage, partition: partition, preferring: preferred, now: now)
  }
}
