import Wire

/// The worker's runtime: a pure state machine, the counterpart of the scheduler's. It holds the queue behind the executor slots
/// and decides what starts, stops and is dropped. A thin shell runs the threads and the connection.
///
/// One connection is one life: when the connection to the driver is lost, everything made in that life is dropped, since the
/// driver has already given it up. Called only from the worker's event thread, or from a test.
package struct WorkerRuntime: Sendable {
  private var info: WorkerInfo
  private var queue = FIFO<TaskLaunch>()
  private var running: [TaskAttemptID: Life] = [:]
  private var stages: [StageID: StageDefinition] = [:]
  private var locations: [StageID: MapOutputLocations] = [:]
  private var isConnected = false
  private var isDraining = false
  private var isLeaving = false
  private var life = 0
  private let limits: MessageLimits
  /// Bytes of reports that the driver may not have read yet. Only the shell knows how much has been sent since; it is asked
  /// when this reaches the limit.
  private var unsent = 0
  private var actions: [WorkerAction] = []

  /// The connection that an attempt was started for. Attempts of an earlier connection still take a slot, but nobody waits for
  /// them.
  private typealias Life = Int

  package init(info: WorkerInfo, limits: MessageLimits = MessageLimits()) {
    self.info = info
    self.limits = limits
  }

  /// Whether so many bytes wait for the driver that no attempt starts until it has read some.
  package var hasFullQueue: Bool { unsent >= limits.unsent }

  package mutating func handle(_ events: [WorkerEvent]) -> [WorkerAction] {
    var reports: [TaskReport] = []
    for event in events { apply(event, &reports) }
    startQueued(&reports)
    send(reports)
    var result: [WorkerAction] = []
    swap(&result, &actions)
    return result
  }

  /// Sends reports, split into as many messages as needed.
  private mutating func send(_ reports: [TaskReport]) {
    var batch: [TaskReport] = []
    var size = 0
    for report in reports {
      if limits.isFull(size, adding: report.size) {
        actions.append(.send(.reports(batch)))
        (batch, size) = ([], 0)
      }
      batch.append(report)
      size += report.size
      unsent += report.size
    }
    if !batch.isEmpty { actions.append(.send(.reports(batch))) }
  }

  /// Turns a result that does not fit into a message into a fatal failure, because it would be as large anywhere else.
  private func checked(_ report: TaskReport) -> TaskReport {
    let success: TaskSuccess
    switch report.outcome {
    case .failure(let failure):
      return TaskReport(attempt: report.attempt, outcome: .failure(failure.shortened))
    case .success(let made): success = made
    }
    guard report.size > limits.part else { return report }
    let text =
      "its result has \(success.result.count) bytes; at most \(limits.part) can be sent to the driver: write it to files instead"
    return TaskReport(attempt: report.attempt, outcome: .failure(.fatal(text)))
  }

  private mutating func apply(_ event: WorkerEvent, _ reports: inout [TaskReport]) {
    switch event {
    case .connected where !isLeaving:
      life += 1
      info.life = life
      isConnected = true
      actions.append(.send(.register(info)))
    case .connected: break  // Connected to a driver while leaving.
    case .disconnected: disconnect(&reports)
    case .message(let message): if isConnected { receive(message, &reports) }
    case .ended(let report):
      if running.removeValue(forKey: report.attempt) == life, isConnected { reports.append(checked(report)) }
      if stages[report.attempt.task.stage] == nil { actions.append(.dropStage(report.attempt.task.stage)) }
    case .unsent(let bytes): unsent = bytes
    case .drain: drain()
    case .heartbeatDue(let progress): if isConnected { actions.append(.send(.heartbeat(progress))) }
    }
  }

  private mutating func receive(_ message: DriverMessage, _ reports: inout [TaskReport]) {
    switch message {
    case .registered, .heartbeat: break
    case .launch(let batch):
      for definition in batch.stages { stages[definition.id] = definition }
      for source in batch.locations { locations[source.stage] = source }
      queue.append(contentsOf: batch.tasks)
    case .cancel(let attempts): cancel(Set(attempts), &reports)
    case .release(let released):
      for stage in released {
        stages.removeValue(forKey: stage)
        locations.removeValue(forKey: stage)
        actions.append(.dropStage(stage))
      }
    case .dropCache(let job, let prefix): actions.append(.dropCache(job, prefix: prefix))
    case .peerLost(let endpoint): actions.append(.abandonPeer(endpoint))
    case .goodbye: leave()
    }
  }

  /// Cancels attempts. A queued attempt ends here; a running one ends once its thread notices.
  private mutating func cancel(_ attempts: Set<TaskAttemptID>, _ reports: inout [TaskReport]) {
    queue.removeAll { launch in
      guard attempts.contains(launch.attempt) else { return false }
      reports.append(TaskReport(attempt: launch.attempt, outcome: .failure(.cancelled)))
      return true
    }
    for attempt in attempts.sorted() where running[attempt] != nil { actions.append(.interrupt(attempt)) }
  }

  private mutating func startQueued(_ reports: inout [TaskReport]) {
    while running.count < info.slots, !hasFullQueue, let launch = queue.popFirst() {
      guard let definition = stages[launch.attempt.task.stage] else {
        let message = "the worker does not know stage \(launch.attempt.task.stage)"
        reports.append(TaskReport(attempt: launch.attempt, outcome: .failure(.transient(message))))
        continue
      }
      guard running[launch.attempt] == nil else { continue }  // A duplicate launch.
      running[launch.attempt] = life
      actions.append(.start(launch, definition, definition.upstream.compactMap { locations[$0] }))
    }
  }

  private mutating func disconnect(_ reports: inout [TaskReport]) {
    guard isConnected else { return }
    isConnected = false
    unsent = 0
    reports.removeAll()
    queue.removeAll()
    stages.removeAll()
    locations.removeAll()
    for attempt in running.keys.sorted() { actions.append(.interrupt(attempt)) }
    actions.append(.dropAll)
    if isDraining { leave() }
  }

  private mutating func drain() {
    guard !isDraining else { return }
    isDraining = true
    if isConnected { actions.append(.send(.draining)) } else { leave() }
  }

  /// Running attempts continue until the process ends, but no new ones start.
  private mutating func leave() {
    guard !isLeaving else { return }
    isLeaving = true
    queue.removeAll()
    actions.append(.leave)
  }

  /// Numbers of waiting attempts, running attempts, and known stages; all zero on a worker without work.
  package var held: (waiting: Int, running: Int, stages: Int) {
    (queue.count, running.count, Set(stages.keys).union(locations.keys).count)
  }
}
