import Wire

/// A map output that one worker could not fetch from another.
struct FailedFetch: Sendable {
  let at: Duration
  let reader: WorkerID
  let source: WorkerID
  let output: TaskAttemptID

  func involves(_ worker: WorkerID) -> Bool { reader == worker || source == worker }
  func peer(of worker: WorkerID) -> WorkerID { reader == worker ? source : reader }
}

/// Temporary exclusion of workers.
extension Scheduler {
  /// Records a task failure on a worker. If tasks fail everywhere, the workers are not the cause, so a worker is excluded only
  /// when its failures exceed the total of all other usable workers by the limit.
  mutating func blame(_ id: WorkerID, for task: TaskID, now: Duration) {
    let limits = config.exclusion
    for worker in workers.ids { workers[worker]?.failures.removeAll { now - $0.at > limits.window } }
    guard workers[id]?.failures.contains(where: { $0.task == task }) == false else { return }
    workers[id]?.failures.append((now, task))
    let own = workers[id]?.failures.count ?? 0
    let others = workers.all.reduce(0) { $0 + ($1.id != id && $1.isUsable ? $1.failures.count : 0) }
    guard own - others >= limits.failedTasks else { return }
    exclude(id, because: "\(own) tasks failed on it", isUnreachable: false, now: now)
  }

  /// Records that a worker could not fetch a map output from another. After several failures between the two, one of them is
  /// excluded along with its map outputs: the one with failed fetches to or from more workers, or the source on a tie.
  mutating func blame(_ source: WorkerID, fetching output: TaskAttemptID, by reader: WorkerID, now: Duration)
  {
    let limits = config.exclusion
    failedFetches.removeAll { now - $0.at > limits.window }
    let isKnown = failedFetches.contains {
      $0.reader == reader && $0.source == source && $0.output == output
    }
    guard source != reader, workers[source] != nil, !isKnown else { return }
    failedFetches.append(FailedFetch(at: now, reader: reader, source: source, output: output))
    let pair = failedFetches.filter { $0.involves(source) && $0.involves(reader) }
    guard Set(pair.map(\.output)).count >= limits.lostOutputs else { return }
    let (bySource, byReader) = (peersInTrouble(source), peersInTrouble(reader))
    let (culprit, peers) = byReader > bySource ? (reader, byReader) : (source, bySource)
    let reason = "map outputs could not be fetched between it and \(peers) other\(peers == 1 ? "" : "s")"
    exclude(culprit, because: reason, isUnreachable: true, now: now)
  }

  private func peersInTrouble(_ worker: WorkerID) -> Int {
    Set(failedFetches.filter { $0.involves(worker) }.map { $0.peer(of: worker) }).count
  }

  /// Never excludes the last usable worker.
  private mutating func exclude(
    _ id: WorkerID, because reason: String, isUnreachable: Bool, now: Duration
  ) {
    guard config.exclusion.isOn, let worker = workers[id], worker.takesTasks,
      workers.all.contains(where: { $0.id != id && $0.isUsable })
    else { return }
    let until = now + config.exclusion.time
    workers[id]?.exclusion = Exclusion(until: until, reason: reason, isUnreachable: isUnreachable)
    forgetEvidence(on: id)
    for job in jobs.ids { jobs[job]?.stopPreferring(id) }
    if isUnreachable { giveUpWork(of: id, now: now) }
    let seconds = config.exclusion.time.components.seconds
    tellRunningJobs("worker \(worker.info.name) gets no tasks for \(seconds) s: \(reason)")
  }

  /// Requeues all the worker's tasks and map outputs at once, because nobody can fetch from it.
  private mutating func giveUpWork(of id: WorkerID, now: Duration) {
    var cancelled: [TaskAttemptID] = []
    for attempt in workers[id].map({ $0.held.keys.sorted() }) ?? [] {
      let job = attempt.task.stage.job
      guard let taskIndex = jobs[job]?.taskIndex(of: attempt, on: id) else { continue }
      cancelled.append(attempt)
      jobs[job]?.giveUp(taskIndex, attempt.attempt, on: id, now: now)
    }
    if !cancelled.isEmpty { actions.append(.send(id, .cancel(cancelled))) }
    let left = sources
    for job in jobs.ids { _ = jobs[job]?.remakeLostOutputs(workers: left, now: now) }
  }

  /// Workers whose map outputs can be fetched.
  var sources: Set<WorkerID> { Set(workers.ids { $0.exclusion?.isUnreachable != true }) }

  /// Ends each exclusion when its time is up, and all of them if no usable worker is left.
  mutating func liftExclusions(now: Duration) {
    guard workers.all.contains(where: { $0.exclusion != nil }) else { return }
    let isNeeded = !workers.all.contains { $0.isUsable }
    for id in workers.ids(where: { $0.exclusion != nil && $0.drainingSince == nil }) {
      guard let until = workers[id]?.exclusion?.until, isNeeded || now >= until else { continue }
      workers[id]?.exclusion = nil
      forgetEvidence(on: id)
      let name = workers[id]?.info.name ?? ""
      tellRunningJobs("worker \(name) gets tasks again\(now >= until ? "" : ": no other is left")")
    }
  }

  private mutating func forgetEvidence(on id: WorkerID) {
    workers[id]?.failures = []
    failedFetches.removeAll { $0.involves(id) }
  }

  private mutating func tellRunningJobs(_ text: String) {
    for job in jobs.all where job.isRunning { actions.append(.notice(job.id, text)) }
  }
}
