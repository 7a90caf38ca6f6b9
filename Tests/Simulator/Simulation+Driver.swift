import Engine
import Wire

/// The driver's shell and the jobs' programs, as `Cluster/Driver` has them.
extension Simulation {
  func mail(_ item: DriverMail) {
    driverMail.append(item)
    guard !isDriverAwake else { return }
    isDriverAwake = true
    timeline.plan(.driverWakes, after: dice.chance(0.02) ? dice.pick(0...50_000) : dice.pick(0...300))
  }

  func wakeDriver() {
    isDriverAwake = false
    var events: [SchedulerEvent] = []
    for item in driverMail { events += translate(item) }
    driverMail = []
    // Not of a worker that is silent: hearing it again would keep it alive.
    if dice.chance(weather.replay), let (worker, report) = dice.element(of: history),
      connections[worker]?.isSilent == false
    {
      counts.replays += 1
      events.append(.message(worker, .reports([report])))
    }
    events.append(.tick)
    for event in events {
      note(event)
      witness.saw(event)
    }
    let actions = scheduler.handle(events, now: .microseconds(timeline.now))
    for rule in scheduler.validate() { fail(rule) }
    var snapshots: [JobID: [StageSnapshot]] = [:]
    for action in actions {
      witness.saw(action) { job in
        if snapshots[job] == nil {
          snapshots[job] = scheduler.stages(of: job, now: .microseconds(timeline.now))
        }
        return snapshots[job] ?? []
      }
      perform(action)
    }
    for text in witness.violations { fail(text) }
    if scheduler.workerCount != witness.workers.count {
      fail("the scheduler counts workers that are not there")
    }
  }

  private func translate(_ item: DriverMail) -> [SchedulerEvent] {
    switch item {
    case .event(let event): return [event]
    case .closed(let connection):
      guard connection.isOpenAtDriver else { return [] }
      connection.isOpenAtDriver = false
      return [.workerLost(connection.worker, reason: "closed")]
    case .frame(let connection, let message):
      guard connection.isOpenAtDriver else {
        // A message that was on its way when the driver gave the worker up; some reach the scheduler all the same.
        return dice.chance(weather.replay) ? [.message(connection.worker, message)] : []
      }
      if case .register(let info) = message, !connection.hasJoined {
        connection.hasJoined = true
        return [.workerJoined(connection.worker, info)]
      }
      if case .reports(let reports) = message {
        for report in reports { history.append((connection.worker, report)) }
      }
      return [.message(connection.worker, message)]
    }
  }

  private func note(_ event: SchedulerEvent) {
    guard isRecording else { return }
    switch event {
    case .workerJoined(let worker, let info):
      tell("driver: \(worker) joins as \(info.name), \(info.slots) slots")
    case .workerLost(let worker, let reason): tell("driver: \(worker) is lost, \(reason)")
    case .message(let worker, .reports(let reports)):
      for report in reports {
        if case .failure(let failure) = report.outcome {
          tell("driver: \(report.attempt) failed on \(worker): \(failure)")
        } else {
          tell("driver: \(report.attempt) is done on \(worker)")
        }
      }
    case .message(let worker, .draining): tell("driver: \(worker) is draining")
    case .message, .tick: break
    case .submit(let job, let graph):
      tell("driver: \(job) submits \(graph.stages.map { "\($0.name)(\($0.tasks.count))<\($0.upstream)" })")
    case .cancel(let job): tell("driver: \(job) is cancelled")
    case .dropCache(let job, let prefix): tell("driver: \(job) drops its cache of '\(prefix)'")
    case .release(let job): tell("driver: \(job) is released")
    }
  }

  private func perform(_ action: SchedulerAction) {
    switch action {
    case .send(let worker, let message):
      if isRecording { tell("driver: to \(worker): \(describe(message))") }
      if case .goodbye = message { counts.goodbyes += 1 }
      guard let connection = connections[worker] else { return fail("\(worker) was never connected") }
      // It may have closed in the same batch of events, after the one that this answers.
      guard connection.isOpenAtDriver else { return }
      timeline.plan(.toWorker(connection, message), at: arrival(&connection.downFree))
    case .disconnect(let worker, _):
      guard let connection = connections[worker] else { return fail("\(worker) was never connected") }
      connection.isOpenAtDriver = false
      if !connection.isSilent {
        timeline.plan(.closedAtWorker(connection), at: arrival(&connection.downFree))
      }
    case .notice(let job, let text): tell("notice for \(job): \(text)")
    case .finished(let id, let result, _): finish(id, result)
    }
  }

  private func describe(_ message: DriverMessage) -> String {
    switch message {
    case .launch(let batch): "launch \(batch.tasks.map(\.attempt))"
    case .cancel(let attempts): "cancel \(attempts)"
    case .release(let stages): "release \(stages)"
    default: "\(message)"
    }
  }

  /// When what is sent now arrives: after everything that was sent before it.
  func arrival(_ free: inout Int) -> Int {
    free = max(free, timeline.now + dice.time(50...5000))
    return free
  }

  // MARK: jobs

  func continueProgram(_ index: Int) {
    let job = jobs[index]
    guard !job.isOver, !job.isRunning else { return }
    // A program may ask for one more graph before it notices that it was cancelled.
    let goesOn = job.current < job.graphs.count && (!job.isCancelled || dice.chance(0.3))
    if goesOn {
      jobs[index].isRunning = true
      counts.graphs += 1
      mail(.event(.submit(job.id, job.graphs[job.current].graph(job: index, number: job.current))))
      if job.isCancelled { mail(.event(.cancel(job.id))) }
    } else {
      jobs[index].isOver = true
      mail(.event(.release(job.id)))
    }
  }

  func cancel(_ index: Int) {
    guard !jobs[index].isOver, !jobs[index].isCancelled else { return }
    counts.cancels += 1
    jobs[index].isCancelled = true
    mail(.event(dice.chance(0.2) ? .release(jobs[index].id) : .cancel(jobs[index].id)))
  }

  private func finish(_ id: JobID, _ result: Result<[TaskResult], JobFailure>) {
    guard let index = jobs.firstIndex(where: { $0.id == id }), jobs[index].isRunning else {
      return fail("\(id) ends a graph that it does not run")
    }
    jobs[index].isRunning = false
    switch result {
    case .success(let results):
      tell("driver: \(id) has its results")
      let expected = jobs[index].graphs[jobs[index].current].expected().map(\.littleEndianBytes)
      if results.map(\.payload) != expected { fail("\(id) graph \(jobs[index].current) has wrong results") }
      jobs[index].current += 1
      if dice.chance(0.3) { mail(.event(.dropCache(id, prefix: dice.chance(0.5) ? "" : "data/"))) }
    case .failure(let failure):
      tell("driver: \(id) ends: \(failure)")
      counts.failures += 1
      if !isJustified(failure, jobs[index]) { fail("\(id) failed for no reason: \(failure)") }
      jobs[index].current = jobs[index].graphs.count
    }
    timeline.plan(.program(index), after: dice.time(100...100_000))
  }

  private func isJustified(_ failure: JobFailure, _ job: SimJob) -> Bool {
    switch failure {
    case .cancelled: return job.isCancelled
    case .failed(let text):
      if text.contains("no worker has joined") { return !witness.hasWorkers }
      if hasFatal.contains(job.id), text.contains("injected") { return true }
      guard text.contains("the last of \(weather.config.maxAttempts) failures") else { return false }
      return transients.contains { $0.key.stage.job == job.id && $0.value >= weather.config.maxAttempts }
    }
  }
}
