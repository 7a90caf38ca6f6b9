import Wire

/// Tasks that may have killed workers run alone.
extension Scheduler {
  /// A worker's process has died. Notes which tasks it ran, and ends the jobs of those that are now known to be the cause.
  mutating func investigate(_ worker: WorkerState) {
    guard worker.drainingSince == nil else { return }
    guard !workers.all.contains(where: { worker.info.isEarlierLife(of: $0.info) }) else { return }
    let started = worker.held.filter { $0.value.startedAt != nil }.keys
    for id in jobs.ids where jobs[id]?.isRunning == true {
      let tasks = started.compactMap { jobs[id]?.place(of: $0, on: worker.id) }.sorted()
      jobs[id]?.record(WorkerDeath(worker: worker.info, tasks: tasks))
      guard worker.held.count == 1, let task = tasks.first,
        jobs[id]?.isGuilty(task, limit: config.maxKilledWorkers) == true, let job = jobs[id]
      else { continue }
      let stage = job.stages[task.stage]
      let poison = PoisonTask(
        stage: stage.spec.name, partition: task.partition, attempts: stage.tasks[task.partition].nextAttempt,
        workers: job.workersKilled(by: task))
      finish(id, .failure(.poisonTask(poison)))
    }
  }

  /// Launches tasks that must run alone on workers that hold nothing, and keeps others free of more tasks until they hold
  /// nothing; never more than half of the usable ones, but one.
  mutating func launchAlone(now: Duration) {
    guard mayHaveReserved || jobs.all.contains(where: { !$0.alone.isEmpty }) else { return }
    mayHaveReserved = false
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
        let task = jobs[position: job]?.waitingAlone(after: skipped),
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

  /// Who is suspected, for the message of a job that ends because no worker is left.
  func suspects(of job: JobState) -> String {
    let most = job.accused.max { ($0.value, $1.key) < ($1.value, $0.key) }
    guard let (task, count) = most, count > 0 else { return "" }
    let name = job.stages[task.stage].spec.name
    return "; \(count) died while they ran stage '\(name)', task \(task.partition)"
  }
}
