import Engine
import Wire

/// The workers' shells: mailbox, slots, block store and cache, as `Cluster/Worker` has them.
extension Simulation {
  func addProcess() {
    let process = SimProcess(index: processes.count, slots: dice.pick(1...4))
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
    tell("\(process.endpoint): connects as \(connection.worker)")
    post(.connected, to: process)
  }

  func post(_ event: WorkerEvent, to process: SimProcess) {
    if process.mail.isEmpty { timeline.plan(.workerWakes(process.index), after: dice.pick(0...200)) }
    process.mail.append(event)
  }

  func wakeWorker(_ process: SimProcess) {
    guard process.isAlive, !process.mail.isEmpty else { return }
    let events = process.mail
    process.mail = []
    for action in process.runtime.handle(events) where process.isAlive { perform(action, on: process) }
  }

  /// Once a second: the heartbeat, and a look at how long the driver has been silent.
  func beat(_ process: SimProcess) {
    guard process.isAlive else { return }
    timeline.plan(.workerBeats(process.index), after: 1_000_000)
    guard let connection = process.connection else { return }
    if timeline.now - process.lastHeard > 10_000_000 {
      tell("\(process.endpoint): the driver is silent")
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
    post(.disconnected, to: process)
    timeline.plan(.connect(process.index), after: dice.time(1000...2_000_000))
  }

  private func perform(_ action: WorkerAction, on process: SimProcess) {
    switch action {
    case .send(let message): send(message, from: process)
    case .start(let launch, let stage, let sources): start(launch, stage, sources, on: process)
    case .interrupt(let attempt):
      guard process.tasks[attempt] != nil else { return }
      process.tasks[attempt]?.isInterrupted = true
      // Most tasks notice soon, some only when they are done.
      if dice.chance(0.7) { timeline.plan(.end(process.index, attempt), after: dice.time(10...20_000)) }
    case .dropStage(let stage): process.store[stage] = nil
    case .dropCache(let job, let prefix):
      process.cache = process.cache.filter { $0.job != job || !$0.name.hasPrefix(prefix) }
    case .dropAll:
      process.store = [:]
      process.cache = []
    case .leave:
      tell("\(process.endpoint): leaves")
      if let connection = process.connection {
        timeline.plan(.closedAtDriver(connection), at: arrival(&connection.upFree))
      }
      process.end()
    }
  }

  private func send(_ message: WorkerMessage, from process: SimProcess) {
    if case .reports(let reports) = message {
      for report in reports {
        if case .failure(.transient(let text)) = report.outcome, !text.hasPrefix("injected") {
          fail("\(process.endpoint): \(report.attempt): \(text)")
        }
      }
    }
    guard let connection = process.connection else { return }
    timeline.plan(.toDriver(connection, message), at: arrival(&connection.upFree))
  }

  // MARK: tasks

  private func start(
    _ launch: TaskLaunch, _ stage: StageDefinition, _ sources: [MapOutputLocations], on process: SimProcess
  ) {
    let attempt = launch.attempt
    if process.tasks[attempt] != nil { fail("\(process.endpoint) starts \(attempt) twice") }
    var task = SimProcess.Task(stage: stage, input: launch.input, cacheKey: launch.cacheKey, sources: sources)
    if !isCalm { task.failure = injectedFailure(attempt) }
    process.tasks[attempt] = task
    if process.tasks.count > process.slots {
      fail("\(process.endpoint) runs \(process.tasks.count) tasks in \(process.slots) slots")
    }
    tell("\(process.endpoint): starts \(attempt)")
    let time = dice.chance(weather.slowTask) ? dice.pick(1_000_000...3_000_000) : dice.pick(weather.taskTime)
    timeline.plan(.fetch(process.index, attempt), after: dice.pick(0...time))
    timeline.plan(.end(process.index, attempt), after: time + 1)
  }

  private func injectedFailure(_ attempt: TaskAttemptID) -> TaskFailure? {
    if dice.chance(weather.transient) { return .transient("injected") }
    if dice.chance(weather.fatal) {
      return dice.chance(0.5) ? .fatal("injected") : .badInput(place: "p", message: "injected")
    }
    return dice.chance(weather.spuriousCancel) ? .cancelled : nil
  }

  /// The task reads what it reads and computes its value, somewhere in the middle of its time.
  func fetch(_ attempt: TaskAttemptID, on process: SimProcess) {
    guard process.isAlive, let task = process.tasks[attempt], !task.isInterrupted else { return }
    let place = task.stage.parameters.map(Int.init)
    let graph = jobs[place[0]].graphs[place[1]]
    if !task.cacheKey.isEmpty {
      process.cache.insert(SimProcess.CacheKey(job: attempt.task.stage.job, name: task.cacheKey))
    }
    guard task.sources.map(\.stage) == task.stage.upstream else {
      return fail("\(process.endpoint): \(attempt) does not know where its inputs are")
    }
    var blocks: [UInt64] = []
    for source in task.sources {
      for map in source.owners.indices {
        let output = TaskAttemptID(
          task: TaskID(stage: source.stage, partition: map), attempt: Int(source.attempts[map]))
        let endpoint = source.endpoints[Int(source.owners[map])]
        let owner = processes.first { $0.isAlive && $0.endpoint == endpoint }
        guard let value = owner?.store[source.stage]?[output] else {
          process.tasks[attempt]?.failure = .lostMapOutput(output, message: "\(endpoint) does not have it")
          return
        }
        blocks.append(SimGraph.block(of: value, partition: attempt.task.partition))
      }
    }
    process.tasks[attempt]?.value = graph.value(
      stage: place[2], partition: Int(task.input[0]), blocks: blocks)
  }

  func end(_ attempt: TaskAttemptID, on process: SimProcess) {
    guard process.isAlive, let task = process.tasks[attempt] else { return }
    process.tasks[attempt] = nil
    post(.ended(TaskReport(attempt: attempt, outcome: outcome(attempt, task, process))), to: process)
  }

  private func outcome(
    _ attempt: TaskAttemptID, _ task: SimProcess.Task, _ process: SimProcess
  ) -> TaskReport.Outcome {
    if let failure = task.failure {
      count(failure, attempt)
      return .failure(failure)
    }
    guard let value = task.value else { return .failure(.cancelled) }
    if task.stage.outputPartitions > 0 { process.store[attempt.task.stage, default: [:]][attempt] = value }
    var metrics = TaskMetrics()
    metrics.microseconds = dice.pick(weather.taskTime)
    metrics.rowsRead = 1
    let key = SimProcess.CacheKey(job: attempt.task.stage.job, name: task.cacheKey)
    return .success(
      TaskSuccess(
        result: value.littleEndianBytes, blockSizes: [], isCached: process.cache.contains(key),
        metrics: metrics))
  }

  private func count(_ failure: TaskFailure, _ attempt: TaskAttemptID) {
    switch failure {
    case .transient: counts.transients += 1
    case .cancelled: counts.spurious += 1
    case .fatal, .badInput:
      counts.fatals += 1
      hasFatal.insert(attempt.task.stage.job)
    case .lostMapOutput: return
    }
    transients[attempt.task, default: 0] += 1
  }
}
