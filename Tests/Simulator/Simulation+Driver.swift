import Engine
import Wire

/// The driver's shell, modeled on `Cluster/Driver`.
extension Simulation {
  func mail(_ item: DriverMail) {
    driverMail.append(item)
    guard !isDriverAwake, !isDriverStopped else { return }
    isDriverAwake = true
    timeline.plan(.driverWakes, after: dice.chance(0.02) ? dice.pick(0...50_000) : dice.pick(0...300))
  }

  /// Stops the driver's process, as SIGSTOP or a stopped machine would.
  func stopDriver() {
    guard !isDriverStopped else { return }
    let time = dice.time(100_000...30_000_000)
    counts[.driverStop] += 1
    tell("fault", "the driver is stopped for \(time) µs")
    isDriverStopped = true
    timeline.plan(.driverGoesOn, after: time)
  }

  /// The driver's clock fires first: messages that arrived in the meantime are read later.
  func letDriverGoOn() {
    guard isDriverStopped else { return }
    tell("driver", "goes on")
    isDriverStopped = false
    driverWentOnAt = timeline.now
    handle([.tick])
    isDriverAwake = true
    timeline.plan(.driverWakes, after: dice.pick(0...50_000))
  }

  func wakeDriver() {
    guard !isDriverStopped else { return }
    isDriverAwake = false
    var events: [SchedulerEvent] = []
    for item in driverMail { events += translate(item) }
    driverMail.removeAll(keepingCapacity: true)
    // Not for a silent worker: hearing from it again would keep it alive.
    if dice.chance(plan.replay), let (worker, report) = dice.element(of: history),
      connections[worker]?.isSilent == false
    {
      counts[.replay] += 1
      events.append(.message(worker, .reports([report])))
    }
    for batch in Simulation.split(events) where violations.isEmpty { handle(batch + [.tick]) }
  }

  /// Cuts the events after each failed fetch. A failed fetch may take all work from a worker, and whatever that worker reports
  /// in the same batch then does not count. The checker, which sees a whole batch before its effects, could not detect this.
  private static func split(_ events: [SchedulerEvent]) -> [[SchedulerEvent]] {
    var batches: [[SchedulerEvent]] = [[]]
    for event in events {
      guard case .message(let worker, .reports(let reports)) = event else {
        batches[batches.count - 1].append(event)
        continue
      }
      for part in reports.split(after: \.isFailedFetch) {
        batches[batches.count - 1].append(.message(worker, .reports(part)))
        if part.last?.isFailedFetch == true { batches.append([]) }
      }
    }
    return batches
  }

  private func handle(_ events: [SchedulerEvent]) {
    var queues: [SchedulerEvent] = []
    for worker in scheduler.workersWithFullQueues {
      counts[.fullQueue] += 1
      queues.append(.unsent(worker, bytes: connections[worker]?.downBytes ?? 0))
    }
    let events = queues + events
    let now = driverClock.turn(at: .microseconds(timeline.now))
    checker.now = Int(now / .microseconds(1))
    for event in events {
      note(event)
      checker.saw(event) { connections[$0]?.process ?? 0 }
    }
    let actions = scheduler.handle(events, now: now)
    checker.saw(scheduler.workerSnapshots)
    checker.beginTurn(actions)
    for case .disconnect(let worker, .silent) in actions {
      checker.sawSilence(of: worker)
    }
    for action in actions {
      note(action)
      // The end of a graph is checked against the account as it was before.
      if case .finished(let job, let result, _) = action { finish(job, result) }
      checker.saw(action)
      perform(action)
    }
    checker.endTurn(waiting: scheduler.jobsWaitingForAnyWorker)
    checker.settle()
    for violation in checker.violations { fail(violation) }
    for rule in scheduler.validate() { fail(.consistent, rule) }
    if scheduler.workerCount != checker.peers.count {
      fail(.silence, "the scheduler counts \(scheduler.workerCount) workers of \(checker.peers.count)")
    }
  }

  private func translate(_ item: DriverMail) -> [SchedulerEvent] {
    switch item {
    case .event(let event): return [event]
    case .closed(let connection):
      guard connection.isOpenAtDriver else { return [] }
      connection.isOpenAtDriver = false
      return [.workerLost(connection.worker, .disconnected("closed"))]
    case .frame(let connection, let message):
      guard connection.isOpenAtDriver else {
        // A message that was in transit when the driver gave up the worker. Some of these still reach the scheduler.
        guard dice.chance(plan.replay) else { return [] }
        counts[.replay] += 1
        return [.message(connection.worker, message)]
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

  private func perform(_ action: SchedulerAction) {
    switch action {
    case .send(let worker, let message):
      if case .goodbye = message { counts.goodbyes += 1 }
      guard let connection = connections[worker] else {
        return fail(.consistent, "\(worker) was never connected")
      }
      // The connection may have closed in the same batch of events, after the event that this message answers.
      guard connection.isOpenAtDriver else { return }
      connection.downBytes += message.launchBytes
      timeline.plan(.toWorker(connection, message), at: arrival(&connection.downFree))
      // Not a launch, because connections are TCP, which delivers once. Duplicates of all other messages must change nothing.
      if case .launch = message { return }
      if dice.chance(plan.duplicate) {
        counts[.duplicate] += 1
        timeline.plan(.toWorker(connection, message), at: connection.downFree)
      }
    case .disconnect(let worker, let departure):
      guard let connection = connections[worker] else {
        return fail(.consistent, "\(worker) was never connected")
      }
      if case .silent = departure, !connection.isImpaired {
        fail(.silence, "\(worker) is given up as silent, but is well", [.process(connection.process)])
      }
      connection.isOpenAtDriver = false
      if !connection.isSilent {
        timeline.plan(.closedAtWorker(connection), at: arrival(&connection.downFree))
      }
    case .notice, .finished: break
    }
  }

  /// Returns when a message sent now arrives: after everything that was sent before it.
  func arrival(_ free: inout Int) -> Int {
    free = max(free, timeline.now + dice.time(50...5000))
    return free
  }
}

extension DriverMessage {
  var launchBytes: Int {
    guard case .launch(let batch) = self else { return 0 }
    return batch.stages.reduce(0) { $0 + $1.size } + batch.locations.reduce(0) { $0 + $1.size }
      + batch.tasks.reduce(0) { $0 + $1.size }
  }
}

extension TaskReport {
  fileprivate var isFailedFetch: Bool {
    if case .failure(.lostMapOutput) = outcome { true } else { false }
  }
}

extension Array {
  /// Splits after each element for which `isLast` is true; the rest is the last part. An empty array gives one empty part.
  fileprivate func split(after isLast: (Element) -> Bool) -> [[Element]] {
    var parts: [[Element]] = [[]]
    for element in self {
      parts[parts.count - 1].append(element)
      if isLast(element) { parts.append([]) }
    }
    if parts.count > 1, parts.last?.isEmpty == true { parts.removeLast() }
    return parts
  }
}
