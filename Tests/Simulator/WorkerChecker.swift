import Engine
import Wire

/// Watches the inputs and outputs of one worker's runtime: what it was given in its current life, what it may keep, and when it
/// may leave.
struct WorkerChecker {
  /// Stages that it was told about and not told to forget.
  private var stages: Set<StageID> = []
  private var located: [StageID: MapOutputLocations] = [:]
  /// Attempts given to it in this life: how often each was given, and how often each was reported.
  private var given: [TaskAttemptID: Int] = [:]
  private var reported: [TaskAttemptID: Int] = [:]
  private var isConnected = false
  private var isDraining = false
  private var mayLeave = false
  /// What a batch of events requests to be stopped or dropped.
  private var toStop: Set<TaskAttemptID> = []
  private var toDrop: [(job: JobID, prefix: String)] = []
  private var dropsAll = false
  /// Unknown stages of which an attempt ended. They were dropped at that point, although the next message may announce them
  /// again.
  private var lateStages: Set<StageID> = []
  private let limits: MessageLimits
  /// The minimum number of bytes of results that wait for the driver.
  private var unsent = 0
  private let findings = Findings()

  init(limits: MessageLimits) { self.limits = limits }

  var violations: [Violation] { findings.violations }

  private func check(
    _ holds: Bool, _ invariant: Invariant, _ text: @autoclosure () -> String,
    _ about: @autoclosure () -> [Subject]
  ) {
    if !holds { findings.add(Violation(invariant, text(), about())) }
  }

  mutating func saw(_ event: WorkerEvent, running: some Sequence<TaskAttemptID>) {
    switch event {
    case .connected: isConnected = true
    case .disconnected:
      guard isConnected else { return }
      isConnected = false
      unsent = 0
      (stages, located, given, reported) = ([], [:], [:], [:])
      toStop.formUnion(running)
      dropsAll = true
      if isDraining { mayLeave = true }
    case .drain:
      isDraining = true
      if !isConnected { mayLeave = true }
    case .message(let message): if isConnected { saw(message) }
    case .ended(let report):
      if !stages.contains(report.attempt.task.stage) { lateStages.insert(report.attempt.task.stage) }
    case .unsent(let bytes): unsent = bytes
    case .heartbeatDue: break
    }
  }

  private mutating func saw(_ message: DriverMessage) {
    switch message {
    case .launch(let batch):
      stages.formUnion(batch.stages.map(\.id))
      for source in batch.locations { located[source.stage] = source }
      for launch in batch.tasks { given[launch.attempt, default: 0] += 1 }
    case .release(let released):
      stages.subtract(released)
      for stage in released { located[stage] = nil }
    case .cancel(let attempts): toStop.formUnion(attempts)
    case .dropCache(let job, let prefix): toDrop.append((job, prefix))
    case .goodbye: mayLeave = true
    case .registered, .heartbeat, .peerLost: break
    }
  }

  mutating func saw(_ action: WorkerAction, of process: SimProcess) {
    let name = process.endpoint
    let about: [Subject] = [.process(process.index)]
    switch action {
    case .start(let launch, let stage, let sources):
      let attempt = launch.attempt
      check(
        given[attempt] != nil, .stale, "\(name) starts \(attempt), which this life was not given",
        about + [.task(attempt.task)])
      check(
        sources == stage.upstream.compactMap { located[$0] }, .lostOutput,
        "\(name) starts \(attempt) with other locations than it was told", about + [.task(attempt.task)])
      check(
        unsent < limits.unsent, .messages,
        "\(name) starts \(attempt) while \(unsent) bytes wait for the driver", about + [.task(attempt.task)])
    case .send(.reports(let reports)):
      checkSizes(of: reports, about, name)
      for report in reports {
        let attempt = report.attempt
        reported[attempt, default: 0] += 1
        check(
          reported[attempt] ?? 0 <= given[attempt] ?? 0, .stale,
          "\(name) reports \(attempt) more often than this life was given it", about + [.task(attempt.task)])
      }
    case .dropStage(let stage):
      check(
        !stages.contains(stage) || lateStages.contains(stage), .memory,
        "\(name) drops blocks of stage \(stage), which runs",
        about + [.stage(stage)])
    case .dropAll: check(dropsAll, .memory, "\(name) drops everything", about)
    case .dropCache(let job, let prefix):
      check(
        toDrop.contains { $0.job == job && $0.prefix == prefix }, .memory,
        "\(name) drops its cache of \(job)",
        about + [.job(job)])
    case .leave: check(mayLeave, .drain, "\(name) leaves before it may", about)
    case .send, .interrupt, .abandonPeer: break
    }
  }

  /// A message has a size limit, unless it has a single report; a result always has one.
  private mutating func checkSizes(of reports: [TaskReport], _ about: [Subject], _ name: String) {
    guard limits.part < Frame.maximumPayload / 2 else { return }
    let size = reports.reduce(0) { $0 + $1.encoded.count }
    check(
      reports.count < 2 || size <= limits.batch, .messages,
      "\(name) sends a message of \(size) bytes, which could be split", about)
    for report in reports {
      guard case .success(let success) = report.outcome else { continue }
      unsent += success.result.count
      check(
        success.result.count <= limits.part, .messages,
        "\(name) sends a result of \(success.result.count) bytes", about + [.task(report.attempt.task)])
    }
  }

  /// Called after a batch of events and its actions.
  mutating func settle(_ process: SimProcess) {
    let name = process.endpoint
    let about: [Subject] = [.process(process.index)]
    for (attempt, task) in process.tasks {
      let isMeant = !toStop.contains(attempt) || task.isInterrupted
      check(isMeant, .stopped, "\(name) does not stop \(attempt)", about + [.task(attempt.task)])
    }
    for stage in process.store.keys {
      check(
        stages.contains(stage), .memory, "\(name) keeps blocks of stage \(stage), which is released",
        about + [.stage(stage)])
    }
    if !toDrop.isEmpty || dropsAll {
      for key in process.cache {
        let isDropped = dropsAll || toDrop.contains { $0.job == key.job && key.name.hasPrefix($0.prefix) }
        check(
          !isDropped, .memory, "\(name) keeps '\(key.name)' of \(key.job) in its cache",
          about + [.job(key.job)])
      }
    }
    let held = process.runtime.held
    check(
      held.running == process.tasks.count, .slots,
      "\(name) counts \(held.running) tasks, runs \(process.tasks.count)", about)
    check(
      held.waiting == 0 || held.running == process.slots || process.runtime.hasFullQueue, .noTaskLost,
      "\(name) lets \(held.waiting) tasks wait while slots are free", about)
    let known = stages.union(located.keys).count
    check(
      held.stages == known, .memory, "\(name) remembers \(held.stages) stages, should remember \(known)",
      about)
    (toStop, toDrop, dropsAll, lateStages) = ([], [], false, [])
  }
}
