import Engine
import Wire

/// Checks the scheduler's actions against the checker's own account.
extension SchedulerChecker {
  mutating func saw(_ action: SchedulerAction) {
    switch action {
    case .disconnect(let worker, _): lose(worker)
    case .send(let worker, .launch(let batch)): saw(batch, for: worker)
    case .send(let worker, .cancel(let attempts)): peers[worker]?.cancelled.formUnion(attempts)
    case .send(let worker, .release(let released)):
      for stage in released {
        let isNeeded = graphs[stage.job].map { $0.end == nil && $0.index(of: stage) != nil } ?? false
        check(!isNeeded, .memory, "stage \(stage) runs and is released", [.stage(stage)] + subject(worker))
        peers[worker]?.stages[stage] = nil
        peers[worker]?.locations[stage] = nil
      }
    case .send(let worker, .goodbye): checkGoodbye(to: worker)
    default: break
    }
  }

  /// A worker is given up because it is silent. Recorded before all actions, because they may follow from it.
  mutating func sawSilence(of worker: WorkerID) {
    guard let peer = peers[worker] else { return }
    check(
      .microseconds(now - peer.lastHeard) > config.workerTimeout, .silence,
      "\(worker) was heard \(now - peer.lastHeard) µs ago and is given up as silent", subject(worker))
    noteDeath(of: worker)
    lose(worker)
  }

  private func checkGoodbye(to worker: WorkerID) {
    guard let peer = peers[worker], let since = peer.drainingSince else {
      return check(false, .drain, "\(worker) may leave, but never asked to", subject(worker))
    }
    guard .microseconds(now - since) <= config.drainTimeout else { return }
    check(
      peer.held.isEmpty, .drain, "\(worker) may leave with \(peer.held.sorted())",
      subject(worker) + peer.held.sorted().map { .task($0.task) })
    check(
      !holdsNeededOutputs(worker), .drain, "\(worker) may leave with map outputs that are needed",
      subject(worker))
  }

  private mutating func saw(_ batch: TaskBatch, for worker: WorkerID) {
    let takesTasks = peers[worker]?.takesTasks ?? false
    let tasks: [Subject] = batch.tasks.map { .task($0.attempt.task) }
    check(takesTasks, .drain, "a launch for \(worker), which takes no tasks", tasks + subject(worker))
    let silence = Duration.microseconds(now - (peers[worker]?.lastHeard ?? now))
    check(
      silence <= config.quietAfter, .silence, "a launch for \(worker), which was not heard for \(silence)",
      tasks + subject(worker))
    for stage in batch.stages { peers[worker]?.stages[stage.id] = stage.upstream }
    for source in batch.locations { peers[worker]?.locations[source.stage] = source }
    checkSize(of: batch, for: worker)
    for launch in batch.tasks { saw(launch.attempt, on: worker) }
    let held = peers[worker]?.held.count ?? 0
    let room = (peers[worker]?.info.slots ?? 0) + config.maxPrefetch
    check(held <= room, .slots, "\(worker) holds \(held) attempts, has room for \(room)", tasks)
  }

  /// A message has a size limit, unless it has a single part. No task is launched while too many bytes wait to be sent to its
  /// worker.
  private mutating func checkSize(of batch: TaskBatch, for worker: WorkerID) {
    let limits = config.messages
    let about: [Subject] = batch.tasks.map { .task($0.attempt.task) } + subject(worker)
    guard limits.part < Frame.maximumPayload / 2 else { return }
    let parts = batch.stages.map(\.encoded) + batch.locations.map(\.encoded) + batch.tasks.map(\.encoded)
    let size = parts.reduce(0) { $0 + $1.count }
    check(
      parts.count < 2 || size <= limits.batch, .messages,
      "a message of \(size) bytes for \(worker), which could be split", about)
    for launch in batch.tasks {
      let unsent = peers[worker]?.unsent ?? 0
      check(
        unsent < limits.unsent, .messages,
        "\(launch.attempt) is launched while \(unsent) bytes wait for \(worker)", about)
      peers[worker]?.unsent += launch.input.count
    }
  }

  private mutating func saw(_ attempt: TaskAttemptID, on worker: WorkerID) {
    launches += 1
    let task = attempt.task
    let job = task.stage.job
    let about: [Subject] = [.task(task)] + subject(worker)
    guard let graph = graphs[job], graph.end == nil, let stage = graph.index(of: task.stage) else {
      return check(false, .explained, "\(attempt) is launched, but its graph has ended", about)
    }
    let number = graph.next[task] ?? 0
    check(attempt.attempt == number, .explained, "\(attempt) should have number \(number)", about)
    graphs[job]?.next[task] = attempt.attempt + 1
    checkAnswered(attempt, about)
    if let live = graph.live[task], !live.isEmpty {
      speculativeAttempts += 1
      checkCopy(attempt, of: live, on: worker)
    }
    let done = graph.done[task].map { !over.contains($0.attempt) } ?? false
    check(!done, .explained, "\(attempt) is launched although the task is done", about)
    check(
      isWanted(stage, of: job, graph), .explained, "\(attempt) is launched, but nobody waits for it", about)
    graphs[job]?.live[task, default: []].insert(attempt)
    let hasSlot = peers[worker].map { $0.held.count < $0.info.slots } ?? false
    if wereSuspects.contains(task) {
      launchedAlone[job, default: 0] += 1
    } else if hasSlot, graph.live[task]?.isEmpty != false {
      served[job, default: 0] += 1
    }
    peers[worker]?.held.insert(attempt)
    peers[worker]?.launched.append(attempt)
    peers[worker]?.launchedAt[attempt] = now
    guard let upstream = peers[worker]?.stages[task.stage] else {
      return check(false, .explained, "\(attempt): \(worker) does not know its stage", about)
    }
    for source in upstream { checkInput(source, of: attempt, on: worker, graph) }
  }

  /// A second attempt requires that the first one is slow or has not been heard from, and must run on another worker.
  private func checkCopy(_ copy: TaskAttemptID, of live: Set<TaskAttemptID>, on worker: WorkerID) {
    let about: [Subject] = [.task(copy.task)] + subject(worker)
    check(live.count == 1, .explained, "\(copy) is launched although \(live.count) others run", about)
    for (id, peer) in peers {
      for attempt in live where peer.held.contains(attempt) {
        check(id != worker, .explained, "\(copy) is launched beside \(attempt) on one worker", about)
        let age = Duration.microseconds(now - (peer.launchedAt[attempt] ?? now))
        let silence = Duration.microseconds(now - peer.lastHeard)
        check(
          config.speculation.isOn && (age >= config.speculation.minimum || silence > config.quietAfter),
          .explained, "\(copy) is launched although \(attempt) has run for \(age) only", about)
      }
    }
  }

  /// What the worker was told about a stage that the attempt reads must match the account.
  private func checkInput(
    _ source: StageID, of attempt: TaskAttemptID, on worker: WorkerID, _ graph: Graph
  ) {
    let about: [Subject] = [.task(attempt.task)] + subject(worker)
    guard let index = graph.index(of: source), let told = peers[worker]?.locations[source] else {
      return check(
        false, .lostOutput, "\(attempt): \(worker) was not told where map outputs of \(source) are", about)
    }
    let count = graph.tasks[index]
    guard told.attempts.count == count else {
      return check(false, .lostOutput, "\(attempt): not all map outputs of \(source) are told", about)
    }
    for partition in 0..<count {
      let task = TaskID(stage: source, partition: partition)
      let output = TaskAttemptID(task: task, attempt: Int(told.attempts[partition]))
      let both = about + [.task(task)]
      guard let done = graph.done[task] else {
        check(false, .lostOutput, "\(attempt) is launched before its input \(task) is made", both)
        continue
      }
      check(
        !over.contains(output), .lostOutput, "\(attempt) is told to read \(output), which is lost", both)
      check(
        done.attempt == output, .stale, "\(attempt) is told to read \(output), but \(done.attempt) counts",
        both
      )
      let endpoint = told.endpoints[Int(told.owners[partition])]
      check(
        endpoint == done.endpoint, .lostOutput,
        "\(attempt) is told to read \(output) from \(endpoint), not \(done.endpoint)", both)
    }
  }

  /// Records the end of a graph.
  mutating func saw(end result: Result<[TaskResult], JobFailure>, of job: JobID) {
    forgetDeaths(of: job)
    guard let graph = graphs.removeValue(forKey: job) else {
      return check(false, .publishedOnce, "\(job) ends a graph that it does not run", [.job(job)])
    }
    func rule(_ holds: Bool, _ text: String) { check(holds, .jobEnds, "\(job) \(text)", [.job(job)]) }
    switch result {
    case .success: rule(graph.end == .success, "has results before all its tasks are done")
    case .failure(.cancelled): rule(graph.end == .cancelled, "ends as cancelled")
    case .failure(.poisonTask(let poison)):
      let task = graph.names.firstIndex(of: poison.stage).map {
        TaskID(stage: StageID(job: job, number: graph.base + $0), partition: poison.partition)
      }
      rule(
        graph.poison != nil && graph.poison == task && poison.workers.count >= config.maxKilledWorkers,
        "ends for a task that is not guilty: \(poison)")
    case .failure(let failure):
      if graph.end != .failure, "\(failure)".contains("no worker has joined") {
        rule(hasWaitedForWorkers, "does not wait for a worker")
      } else {
        rule(graph.end == .failure, "failed for no reason: \(failure)")
      }
    }
  }

  private var hasWaitedForWorkers: Bool {
    workerlessSince.map { .microseconds(now - $0) > config.noWorkerTimeout } ?? false
  }

  /// Called after each batch of events and its actions.
  func settle() {
    for (job, graph) in graphs {
      if let end = graph.end {
        let invariant: Invariant = end == .failure ? .retries : .jobEnds
        check(false, invariant, "\(job) goes on, but should have ended: \(end)", [.job(job)])
      }
      check(!hasWaitedForWorkers, .jobEnds, "\(job) waits for a worker for too long", [.job(job)])
    }
    for (worker, peer) in peers {
      if let until = peer.exclusion?.until, peer.drainingSince == nil {
        check(.microseconds(now) < until, .explained, "\(worker) is left out for too long", subject(worker))
      }
      check(
        .microseconds(now - peer.lastHeard) <= config.workerTimeout, .silence,
        "\(worker) has been silent for \(now - peer.lastHeard) µs and is not given up", subject(worker))
      for attempt in peer.held where !peer.cancelled.contains(attempt) {
        let isLive = graphs[attempt.task.stage.job]?.live[attempt.task]?.contains(attempt) ?? false
        check(
          isLive, .stopped, "\(worker) is not told to stop \(attempt)",
          [.task(attempt.task)] + subject(worker))
      }
      for stage in peer.stages.keys {
        let isRunning = graphs[stage.job]?.index(of: stage) != nil
        check(
          isRunning, .memory, "\(worker) is not told to forget stage \(stage)",
          [.stage(stage)] + subject(worker))
      }
    }
  }
}
