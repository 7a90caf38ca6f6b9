import Wire

/// Runs tasks that may have killed workers alone.
extension Scheduler {
  /// Handles a worker process that died: records which tasks it ran, and fails the job of a task that is now proven guilty.
  mutating func investigate(_ worker: WorkerState) {
    guard worker.drainingSince == nil else { return }
    guard !workers.all.contains(where: { worker.info.isEarlierLife(of: $0.info) }) else { return }
    for job in Set(worker.held.keys.map(\.task.stage.job)) { jobs[job]?.deathCount += 1 }
    let started = worker.held.filter { $0.value.startedAt != nil }.keys
    let tasks = Set(started.filter { jobs[$0.task.stage.job]?.isOpen($0) == true }.map(\.task)).sorted()
    register.record(worker.info, tasks: tasks, wasAlone: worker.held.count == 1)
    showSuspects(tasks)
    guard worker.held.count == 1, let task = tasks.first, register.isGuilty(task) else { return }
    convict(task)
  }

  private mutating func convict(_ task: TaskID) {
    guard let job = jobs[task.stage.job], let taskIndex = job.taskIndex(of: task) else { return }
    let stage = job.stages[taskIndex.stage]
    let poison = PoisonTask(
      stage: stage.spec.name, partition: task.partition, attempts: stage.tasks[task.partition].nextAttempt,
      workers: register.workersKilled(by: task))
    showSuspects(register.convict(task))
    finish(job.id, .failure(.poisonTask(poison)))
  }

  /// Tells the jobs which of these tasks must run alone.
  mutating func showSuspects(_ tasks: [TaskID]) {
    for task in tasks {
      guard let taskIndex = jobs[task.stage.job]?.taskIndex(of: task) else { continue }
      if register.isSuspect(task) {
        jobs[task.stage.job]?.suspect(taskIndex)
      } else {
        jobs[task.stage.job]?.suspects.remove(taskIndex)
      }
    }
  }

  /// Launches tasks that must run alone on workers without attempts, and reserves others until they have none. Uses at most
  /// half of the usable workers, but at least one.
  ///
  /// A task whose earlier attempt was given up but not yet reported waits for that report: if the worker has died silently, the
  /// next worker could die before the first death is noticed.
  mutating func launchAlone(now: Duration) {
    guard mayHaveReserved || jobs.all.contains(where: { !$0.alone.isEmpty }) else { return }
    mayHaveReserved = false
    let unanswered = Set(workers.all.lazy.flatMap { $0.held.keys.lazy.map(\.task) })
    var usable = 0
    var taken = 0
    for position in workers.ids.indices {
      workers[position: position]?.isReserved = false
      guard let worker = workers[position: position], worker.isUsable else { continue }
      usable += 1
      if worker.runsAlone { taken += 1 }
    }
    for job in jobs.ids.indices {
      var skipped = 0
      while taken < max(1, usable / 2),
        let task = jobs[position: job]?.waitingAlone(after: skipped, unless: unanswered),
        let position = workers.ids.indices.filter({ workers[position: $0]?.canBeReserved == true })
          .min(by: { (load($0), $0) < (load($1), $1) })
      {
        taken += 1
        mayHaveReserved = true
        guard load(position) == 0 else {
          workers[position: position]?.isReserved = true
          skipped += 1
          continue
        }
        jobs[position: job]?.alone.removeAll { $0 == task }
        workers[position: position]?.runsAlone = true
        launch(task, of: job, on: position, now: now)
      }
    }
  }

  private func load(_ position: Int) -> Int { workers[position: position]?.held.count ?? 0 }

  /// Names the main suspect, for the error message of a job that fails because no worker is left.
  func suspects(of job: JobState) -> String {
    let accused = register.accused.filter { $0.key.stage.job == job.id }
    guard let (task, count) = accused.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }),
      let stage = job.index(of: task.stage)
    else { return "" }
    return "; \(count) died while they ran stage '\(job.stages[stage].spec.name)', task \(task.partition)"
  }
}
