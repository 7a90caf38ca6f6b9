import Wire

extension Scheduler {
  mutating func submit(_ graph: StageGraph, of id: JobID, now: Duration) {
    if jobs[id] == nil { jobs.insert(JobState(id: id), for: id) }
    guard var job = jobs[id], !job.isRunning else {
      actions.append(.finished(id, .failure(.failed("job \(id) already runs a graph")), []))
      return
    }
    guard !job.isCancelled else {
      actions.append(.finished(id, .failure(.cancelled), []))
      return
    }
    if let mistake = mistake(in: graph) {
      actions.append(.finished(id, .failure(.failed(mistake)), []))
      return
    }
    let first = job.nextStageNumber
    job.nextStageNumber += graph.stages.count
    job.reset(
      graph.stages.enumerated().map { index, spec in
        StageRun(
          id: StageID(job: id, number: first + index), spec: spec,
          upstream: spec.upstream.map { StageID(job: id, number: first + $0) })
      })
    job.isRunning = true
    for stage in job.stages.indices {
      for partition in job.stages[stage].tasks.indices {
        job.enqueue(stage: stage, partition: partition, now: now)
      }
    }
    // Time without workers counts only while some job is running.
    if workerlessSince != nil, !jobs.all.contains(where: \.isRunning) { workerlessSince = now }
    jobs[id] = job
    finishIfComplete(id)
  }

  /// Explains why a graph cannot run, or returns nil if it can. A stage may be too large to send to a worker, or read something
  /// other than the shuffle of an earlier stage, which would make it wait forever.
  private func mistake(in graph: StageGraph) -> String? {
    for (index, stage) in graph.stages.enumerated() {
      if let text = stage.excess(over: config.messages) { return text }
      for upstream in stage.upstream {
        guard (0..<index).contains(upstream), let partitions = graph.stages[upstream].shufflePartitions else {
          return "stage '\(stage.name)' reads stage \(upstream), which is no shuffle of a stage before it"
        }
        guard partitions == stage.tasks.count else {
          return
            "stage '\(stage.name)' has \(stage.tasks.count) tasks for a shuffle of \(partitions) partitions"
        }
      }
    }
    return nil
  }

  /// Ends the job's graph when its last stage is complete.
  mutating func finishIfComplete(_ id: JobID) {
    guard let job = jobs[id], job.isRunning else { return }
    guard let last = job.stages.last else { return finish(id, .success([])) }
    guard last.isComplete else { return }
    finish(id, .success(last.tasks.compactMap { $0.done?.result }))
  }

  /// The only place where a graph ends. Cancels running attempts, and workers drop its stages and map outputs.
  mutating func finish(_ id: JobID, _ result: Result<[TaskResult], JobFailure>) {
    let snapshot = stages(of: id, now: now)
    guard var job = jobs[id], job.isRunning else { return }
    var running: [WorkerID: [TaskAttemptID]] = [:]
    for stage in job.stages {
      for (partition, task) in stage.tasks.enumerated() {
        for attempt in [task.running, task.speculative] {
          guard let attempt else { continue }
          running[attempt.worker, default: []].append(stage.attemptID(partition, attempt.number))
        }
      }
    }
    let stages = job.stages.map(\.id)
    job.isRunning = false
    job.reset([])
    register.forget(id)
    jobs[id] = job
    for worker in workers.ids {
      if let attempts = running[worker] { actions.append(.send(worker, .cancel(attempts))) }
      let known = stages.filter { workers[worker]?.forget($0) == true }
      if !known.isEmpty { actions.append(.send(worker, .release(known))) }
    }
    actions.append(.finished(id, result, snapshot))
  }

  mutating func cancel(_ id: JobID) {
    guard jobs[id] != nil else { return }
    jobs[id]?.isCancelled = true
    finish(id, .failure(.cancelled))
  }

  mutating func dropCache(of id: JobID, prefix: String) {
    guard let job = jobs[id] else { return }
    let keys = job.cachedOn.keys.filter { $0.hasPrefix(prefix) }
    for key in keys { jobs[id]?.cachedOn.removeValue(forKey: key) }
    for worker in workers.ids { actions.append(.send(worker, .dropCache(id, prefix: prefix))) }
  }

  mutating func release(_ id: JobID) {
    cancel(id)
    dropCache(of: id, prefix: "")
    jobs[id]?.isReleased = true
    forgetReleased(id)
  }

  /// Forgets a released job once no worker holds attempts of it. Until then it stays known as cancelled, so that a new job with
  /// the same name does not reuse the numbers of those attempts.
  mutating func forgetReleased(_ id: JobID) {
    guard let job = jobs[id], job.isReleased, job.assigned == 0 else { return }
    _ = jobs.remove(id)
  }
}
