import Engine
import Wire

/// The workers' shells, modeled on `Cluster/Worker`: mailbox, connection and timers.
extension Simulation {
  func addProcess() {
    let process = SimProcess(
      index: processes.count, slots: dice.pick(1...4), limits: plan.config.messages)
    processes.append(process)
    timeline.plan(.connect(process.index), after: dice.time(1000...500_000))
    timeline.plan(.workerBeats(process.index), after: dice.pick(0...1_000_000))
  }

  func connect(_ process: SimProcess) {
    guard process.isAlive, process.connection == nil else { return }
    let connection = SimConnection(worker: WorkerID(connections.count + 1), process: process.index)
    connections[connection.worker] = connection
    process.connection = connection
    process.lastHeard = timeline.now
    tell(process.endpoint, "connects as \(connection.worker)", [.process(process.index)])
    post(.connected, to: process)
  }

  func deliver(_ message: DriverMessage, over connection: SimConnection) {
    let process = processes[connection.process]
    guard !connection.isSilent else { return }
    connection.downBytes -= message.launchBytes
    guard connection.isOpenAtWorker, process.isAlive else { return }
    process.lastHeard = timeline.now
    if isRecording { note(message, on: process) }
    post(.message(message), to: process)
  }

  private func note(_ message: DriverMessage, on process: SimProcess) {
    switch message {
    case .launch(let batch):
      for launch in batch.tasks {
        tell(process.endpoint, "is given \(launch.attempt)", about(launch.attempt, process))
      }
    case .cancel(let attempts):
      for attempt in attempts {
        tell(process.endpoint, "is told to stop \(attempt)", about(attempt, process))
      }
    case .release(let stages):
      tell(
        process.endpoint, "is told to forget \(stages)",
        [.process(process.index)] + stages.map { .job($0.job) })
    default: break
    }
  }

  func about(_ attempt: TaskAttemptID, _ process: SimProcess) -> [Subject] {
    [.task(attempt.task), .process(process.index)]
  }

  func post(_ event: WorkerEvent, to process: SimProcess) {
    if process.mail.isEmpty { timeline.plan(.workerWakes(process.index), after: dice.pick(0...200)) }
    process.mail.append(event)
  }

  func wakeWorker(_ process: SimProcess) {
    guard process.isAlive, !process.mail.isEmpty else { return }
    var events = process.mail
    process.mail.removeAll(keepingCapacity: true)
    if process.runtime.hasFullQueue, let connection = process.connection {
      counts[.fullQueue] += 1
      events.insert(.unsent(bytes: connection.upBytes), at: 0)
    }
    for event in events { process.checker.saw(event, running: process.tasks.keys) }
    for action in process.runtime.handle(events) where process.isAlive {
      process.checker.saw(action, of: process)
      perform(action, on: process)
    }
    if process.isAlive { process.checker.settle(process) }
    for violation in process.checker.violations { fail(violation) }
  }

  /// Runs once per second: sends the heartbeat and checks how long the driver has been silent.
  func beat(_ process: SimProcess) {
    guard process.isAlive else { return }
    timeline.plan(.workerBeats(process.index), after: 1_000_000)
    guard let connection = process.connection else { return }
    if timeline.now - process.lastHeard > 10_000_000 {
      tell(process.endpoint, "gives the driver up: it is silent", [.process(process.index)])
      let isDriverWell = !isDriverStopped && timeline.now - driverWentOnAt > 2_000_000
      if !connection.isImpaired, isDriverWell {
        fail(.silence, "\(process.endpoint) gives the driver up, which is well", [.process(process.index)])
      }
      closeAtWorker(connection)
      if !connection.isSilent { timeline.plan(.closedAtDriver(connection), at: arrival(&connection.upFree)) }
    } else {
      let progress = process.tasks.keys.sorted().map { TaskProgress(attempt: $0, rows: 1, bytes: 1) }
      post(.heartbeatDue(progress), to: process)
    }
  }

  func closeAtWorker(_ connection: SimConnection) {
    let process = processes[connection.process]
    guard connection.isOpenAtWorker, process.isAlive else { return }
    connection.isOpenAtWorker = false
    process.connection = nil
    tell(process.endpoint, "sees its connection closed", [.process(process.index)])
    post(.disconnected, to: process)
    timeline.plan(.connect(process.index), after: dice.time(1000...2_000_000))
  }

  private func perform(_ action: WorkerAction, on process: SimProcess) {
    switch action {
    case .send(let message): send(message, from: process)
    case .start(let launch, let stage, let sources): start(launch, stage, sources, on: process)
    case .interrupt(let attempt):
      guard process.tasks[attempt] != nil else { return }
      tell(process.endpoint, "stops \(attempt)", about(attempt, process))
      process.tasks[attempt]?.isInterrupted = true
      // Most tasks notice soon, but some only when they are done.
      if dice.chance(0.7) { timeline.plan(.end(process.index, attempt), after: dice.time(10...20_000)) }
    case .dropStage(let stage):
      if process.store.removeValue(forKey: stage) != nil {
        tell(process.endpoint, "drops its blocks of \(stage)", [.process(process.index), .job(stage.job)])
      }
    case .abandonPeer: break  // Fetches end at once here.
    case .dropCache(let job, let prefix):
      process.cache = process.cache.filter { $0.job != job || !$0.name.hasPrefix(prefix) }
    case .dropAll:
      tell(process.endpoint, "drops all blocks and caches", [.process(process.index)])
      process.store = [:]
      process.cache = []
    case .leave:
      tell(process.endpoint, "leaves", [.process(process.index)])
      if let connection = process.connection {
        connection.isImpaired = true
        timeline.plan(.closedAtDriver(connection), at: arrival(&connection.upFree))
      }
      process.end()
    }
  }

  private func send(_ message: WorkerMessage, from process: SimProcess) {
    if case .reports(let reports) = message {
      for report in reports {
        if case .failure(.fatal(let text)) = report.outcome, text.hasPrefix("its result has") {
          counts[.largeResult] += 1
        }
        if case .failure(.transient(let text)) = report.outcome, !text.hasPrefix("injected") {
          fail(
            .explained, "\(process.endpoint): \(report.attempt): \(text)", about(report.attempt, process))
        }
      }
    }
    guard let connection = process.connection else { return }
    connection.upBytes += message.reportBytes
    timeline.plan(.toDriver(connection, message), at: arrival(&connection.upFree))
  }
}

extension WorkerMessage {
  var reportBytes: Int {
    if case .reports(let reports) = self { reports.reduce(0) { $0 + $1.size } } else { 0 }
  }
}
