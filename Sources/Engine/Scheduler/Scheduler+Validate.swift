import Wire

extension Scheduler {
  /// Checks the invariants that hold between batches of events, for tests and for debugging a driver. O(tasks).
  /// - Returns: Descriptions of the broken invariants; empty if all hold.
  package func validate() -> [String] {
    var broken: [String] = []
    func rule(_ holds: Bool, _ text: @autoclosure () -> String) { if !holds { broken.append(text()) } }

    rule(actions.isEmpty, "actions are left over")
    rule(jobs.ids == jobs.all.map(\.id), "jobs are not under their ids")
    rule(workers.ids == workers.all.map(\.id).sorted(), "workers are not in order")
    rule(workers.isEmpty == (workerlessSince != nil), "time without workers is counted wrongly")
    for worker in workers.all {
      let limit = worker.info.slots + config.maxPrefetch
      rule(
        worker.held.count <= limit, "\(worker.id) holds \(worker.held.count) attempts, may hold \(limit)")
      let started = worker.held.values.count { $0.startedAt != nil }
      rule(started == worker.started, "\(worker.id) counts \(worker.started) started attempts of \(started)")
      rule(
        started == min(worker.held.count, worker.info.slots), "\(worker.id) leaves slots to none of its queue"
      )
      rule(!worker.runsAlone || worker.held.count == 1, "\(worker.id) runs other tasks beside a suspect")
    }
    for (task, count) in register.accused {
      let deaths = register.deaths.count { $0.tasks.contains(task) }
      rule(count == deaths && count > 0, "\(task) is accused of \(count) deaths, was there at \(deaths)")
      rule(jobs[task.stage.job]?.taskIndex(of: task) != nil, "\(task) is accused, and runs no more")
    }
    for task in register.deaths.flatMap(\.tasks) {
      rule(register.accused[task] != nil, "\(task) was at a death and is not accused")
    }
    for job in jobs.all {
      let suspects = register.accused.keys.filter { $0.stage.job == job.id && register.isSuspect($0) }
      rule(
        job.suspects == Set(suspects.compactMap { job.taskIndex(of: $0) }),
        "job \(job.id) suspects \(job.suspects), should suspect \(suspects)")
      let held = workers.all.reduce(0) { $0 + $1.held.keys.count { $0.task.stage.job == job.id } }
      rule(job.assigned == held, "job \(job.id) counts \(job.assigned) attempts of \(held)")
      rule(job.isRunning || job.stages.isEmpty, "job \(job.id) has stages but runs no graph")
      rule(
        !job.isRunning || job.stages.last?.isComplete == false, "job \(job.id) is complete but has not ended")
      for worker in job.cachedOn.values {
        rule(takesTasks(worker), "job \(job.id) prefers \(worker), which takes no tasks")
      }
      for stage in job.stages.indices { broken += validate(job, stage) }
    }
    return broken
  }

  private func takesTasks(_ worker: WorkerID) -> Bool {
    workers[worker]?.takesTasks == true
  }

  private func validate(_ job: JobState, _ index: Int) -> [String] {
    let stage = job.stages[index]
    var broken: [String] = []
    func rule(_ holds: Bool, _ text: @autoclosure () -> String) {
      if !holds { broken.append("stage \(stage.id): " + text()) }
    }

    let isRead = index < job.stages.count - 1 && stage.feedsShuffle && job.isNeeded(index)
    var waiting: [Int] = []
    for (partition, task) in stage.tasks.enumerated() {
      rule(task.done == nil || task.running == nil, "task \(partition) is done and running")
      rule(
        task.speculative == nil || task.running != nil,
        "task \(partition) has a second attempt without a first")
      rule(
        task.speculative == nil || task.speculative?.worker != task.running?.worker,
        "task \(partition) runs twice on a worker")
      if task.done == nil, task.running == nil { waiting.append(partition) }
      for running in [task.running, task.speculative] {
        guard let running else { continue }
        let attempt = stage.attemptID(partition, running.number)
        rule(workers[running.worker]?.held[attempt] != nil, "\(running.worker) does not hold \(attempt)")
        rule(running.number < task.nextAttempt, "attempt \(attempt) may be made twice")
      }
      if let done = task.done {
        rule(
          done.attempt < task.nextAttempt, "attempt \(done.attempt) of task \(partition) may be made twice")
        rule(
          !isRead || sources.contains(done.worker),
          "task \(partition)'s output is needed, but \(done.worker) is gone")
      }
      rule(task.failures < config.maxAttempts, "task \(partition) failed \(task.failures) times")
    }
    let alone = job.alone.filter { $0.stage == index }.map(\.partition)
    let queued = (stage.queue.partitions + alone).sorted()
    rule(queued == waiting, "waiting are \(waiting), in the queues \(queued)")
    rule(stage.queue.count + alone.count == waiting.count, "the queue counts \(stage.queue.count)")
    let suspects = job.suspects.filter { $0.stage == index }.map(\.partition)
    rule(
      suspects.isEmpty || !suspects.contains { stage.queue.partitions.contains($0) },
      "of the suspects \(suspects) some wait to run beside others")
    rule(stage.doneCount == stage.tasks.count { $0.done != nil }, "counts \(stage.doneCount) done tasks")
    for worker in stage.queue.preferredWorkers {
      rule(takesTasks(worker), "tasks wait for \(worker), which takes none")
    }
    let idle = workers.all.contains { $0.offer(prefetch: nil) != nil }
    rule(!idle || stage.queue.unbound == 0 || !job.isRunnable(index), "tasks wait while slots are free")
    return broken
  }

  /// Numbers of known jobs, attempts held by workers, and stages known to workers. All are zero once every job has been
  /// released and has ended on the workers.
  package var held: (jobs: Int, attempts: Int, stages: Int) {
    let stages = workers.all.reduce(0) { $0 + Set($1.knownStages).union($1.knownLocations.keys).count }
    return (jobs.count, workers.all.reduce(0) { $0 + $1.held.count }, stages)
  }
}
