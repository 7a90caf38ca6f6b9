import Wire

extension Scheduler {
  /// Time between checks for slow tasks.
  private static let interval: Duration = .milliseconds(50)

  /// Starts speculative attempts for slow tasks, slowest first, on workers with a slot that no waiting task needs. The first
  /// attempt to succeed counts.
  mutating func speculate(now: Duration) {
    guard config.speculation.isOn, now >= nextSpeculation else { return }
    nextSpeculation = now + Scheduler.interval
    guard workers.all.contains(where: { $0.offer(prefetch: nil) != nil }),
      !jobs.all.contains(where: { $0.hasWaitingTasks || $0.waitingAlone(after: 0) != nil })
    else { return }
    for candidate in slowAttempts(now: now) {
      let free = workers.ids.indices.filter { workers[position: $0]?.offer(prefetch: nil) != nil }
      guard !free.isEmpty else { return }
      guard let job = jobs.ids.firstIndex(of: candidate.attempt.task.stage.job),
        let task = slowTask(candidate, job: job),
        let worker = free.filter({ workers.ids[$0] != candidate.worker }).max(by: { hasLessRoom($0, $1) })
      else { continue }
      jobs[position: job]?.stages[task.stage].speculativeAttempts += 1
      launch(task, of: job, on: worker, now: now)
    }
  }

  private struct Candidate {
    let attempt: TaskAttemptID
    let worker: WorkerID
    let isQuiet: Bool
    let isQueued: Bool
    let age: Duration
  }

  private func slowAttempts(now: Duration) -> [Candidate] {
    var found: [Candidate] = []
    for worker in workers.all {
      for (attempt, held) in worker.held {
        let age = now - (held.startedAt ?? held.sentAt)
        guard worker.isQuiet || age >= config.speculation.minimum else { continue }
        found.append(
          Candidate(
            attempt: attempt, worker: worker.id, isQuiet: worker.isQuiet, isQueued: held.startedAt == nil,
            age: age))
      }
    }
    return found.sorted { a, b in a.age != b.age ? a.age > b.age : a.attempt < b.attempt }
  }

  /// The attempt's task if this is its only attempt and it is slow; otherwise nil. It is slow if it is queued behind the slots,
  /// its worker is quiet, the map outputs it was told about are lost, or most other tasks took far less time.
  private func slowTask(_ candidate: Candidate, job position: Int) -> TaskIndex? {
    guard let job = jobs[position: position],
      let taskIndex = job.taskIndex(of: candidate.attempt, on: candidate.worker)
    else { return nil }
    let stage = job.stages[taskIndex.stage]
    let task = stage.tasks[taskIndex.partition]
    guard task.speculative == nil, !job.suspects.contains(taskIndex), job.isRunnable(taskIndex.stage) else {
      return nil
    }
    if candidate.isQuiet || candidate.isQueued { return taskIndex }
    if task.running?.inputs != job.inputVersion(of: taskIndex.stage) { return taskIndex }
    let enough = max(1, Int(config.speculation.quantile * Double(stage.tasks.count)))
    guard stage.doneCount >= enough, let median = stage.durations.median else { return nil }
    let isSlow = candidate.age / .microseconds(1) > config.speculation.multiplier * median
    return isSlow ? taskIndex : nil
  }

  private func hasLessRoom(_ a: Int, _ b: Int) -> Bool {
    let free = [a, b].map { workers[position: $0]?.offer(prefetch: nil)?.free ?? 0 }
    return (free[0], b) < (free[1], a)
  }
}
