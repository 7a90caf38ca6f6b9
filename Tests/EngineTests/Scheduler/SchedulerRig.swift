import Engine
import Testing
import Wire

/// A scheduler under test with a clock in the test's hand. After each batch of events all rules of the scheduler are
/// checked.
struct SchedulerRig {
  var scheduler: Scheduler
  var now: Duration = .zero
  /// Of the last batch of events.
  var actions: [SchedulerAction] = []
  /// Where the latest attempt at each task was launched.
  private(set) var lastWorker: [TaskID: Int] = [:]

  init(workers slots: [Int] = [], _ change: (inout SchedulerConfig) -> Void = { _ in }) {
    var config = SchedulerConfig()
    // Workers of most tests have nothing to say.
    config.quietAfter = .seconds(100_000)
    change(&config)
    scheduler = Scheduler(config: config)
    for (index, slots) in slots.enumerated() { join(index + 1, slots: slots) }
  }

  mutating func handle(_ events: SchedulerEvent..., at location: SourceLocation = #_sourceLocation) {
    actions = scheduler.handle(events, now: now)
    for (worker, batch) in batches { for launch in batch.tasks { lastWorker[launch.attempt.task] = worker } }
    #expect(scheduler.validate() == [], sourceLocation: location)
  }

  mutating func pass(_ time: Duration) {
    now += time
    handle(.tick)
  }

  // MARK: events

  mutating func join(_ worker: Int, slots: Int) {
    handle(.workerJoined(WorkerID(worker), Self.info(worker, slots)))
  }

  static func info(_ worker: Int, _ slots: Int) -> WorkerInfo {
    WorkerInfo(name: "host-\(worker)", slots: slots, memory: 1 << 30, shuffleEndpoint: "endpoint-\(worker)")
  }

  mutating func lose(_ worker: Int) { handle(.workerLost(WorkerID(worker), .disconnected("gone"))) }

  mutating func submit(_ graph: StageGraph, of job: JobID = .a) { handle(.submit(job, graph)) }

  mutating func send(_ message: WorkerMessage, from worker: Int) {
    handle(.message(WorkerID(worker), message))
  }

  mutating func succeed(
    _ attempt: TaskAttemptID, on worker: Int, result: [UInt8]? = nil, cached: Bool = false,
    micros: Int = 1_000_000
  ) {
    send(
      .reports([Self.success(attempt, result: result, cached: cached, micros: micros)]), from: worker)
  }

  static func success(
    _ attempt: TaskAttemptID, result: [UInt8]? = nil, cached: Bool = false, micros: Int = 1_000_000
  ) -> TaskReport {
    var metrics = TaskMetrics()
    metrics.microseconds = micros
    metrics.rowsRead = 1
    let payload = result ?? [UInt8(truncatingIfNeeded: attempt.task.partition)]
    return TaskReport(
      attempt: attempt,
      outcome: .success(TaskSuccess(result: payload, blockSizes: [], isCached: cached, metrics: metrics)))
  }

  mutating func fail(_ attempt: TaskAttemptID, _ failure: TaskFailure, on worker: Int) {
    send(.reports([TaskReport(attempt: attempt, outcome: .failure(failure))]), from: worker)
  }

  // MARK: what the last batch did

  var batches: [(worker: Int, batch: TaskBatch)] {
    actions.compactMap {
      if case .send(let worker, .launch(let batch)) = $0 { (worker.number, batch) } else { nil }
    }
  }

  /// The first of them; empty where there is none.
  var batch: TaskBatch { batches.first?.batch ?? TaskBatch() }

  /// Launched attempts of a worker.
  func launched(_ worker: Int) -> [TaskAttemptID] {
    batches.filter { $0.worker == worker }.flatMap { $0.batch.tasks.map(\.attempt) }
  }

  var launched: [TaskAttemptID] { batches.flatMap { $0.batch.tasks.map(\.attempt) } }

  func messages(_ worker: Int) -> [DriverMessage] {
    actions.compactMap { if case .send(WorkerID(worker), let message) = $0 { message } else { nil } }
  }

  var results: [[UInt8]]? {
    for case .finished(_, .success(let results), _) in actions { return results.map(\.payload) }
    return nil
  }

  var failure: JobFailure? {
    for case .finished(_, .failure(let failure), _) in actions { return failure }
    return nil
  }

  var finishedCount: Int { actions.count { if case .finished = $0 { true } else { false } } }

  var notices: [String] { actions.compactMap { if case .notice(_, let text) = $0 { text } else { nil } } }

  var disconnected: [Int] {
    actions.compactMap { if case .disconnect(let worker, _) = $0 { worker.number } else { nil } }
  }
}

extension JobID {
  static let a = JobID("a")
  static let b = JobID("b")
}

/// Attempt `attempt` at task `partition` of stage `stage` of a job.
func attempt(_ stage: Int, _ partition: Int, _ attempt: Int = 0, of job: JobID = .a) -> TaskAttemptID {
  TaskAttemptID(task: TaskID(stage: StageID(job: job, number: stage), partition: partition), attempt: attempt)
}

extension StageGraph {
  /// One stage that returns results.
  static func flat(_ tasks: Int, keys: ((Int) -> String)? = nil) -> StageGraph {
    StageGraph([
      StageSpec(
        name: "flat", operatorName: "op", parameters: [],
        tasks: (0..<tasks).map { TaskSpec(input: [UInt8($0)], cacheKey: keys?($0)) })
    ])
  }

  /// Stages one after the other with these numbers of tasks, a shuffle between each two.
  static func chain(_ tasks: Int...) -> StageGraph {
    StageGraph(
      tasks.enumerated().map { index, count in
        StageSpec(
          name: "s\(index)", operatorName: "op\(index)", parameters: [UInt8(index)],
          tasks: (0..<count).map { TaskSpec(input: [UInt8($0)]) },
          shufflePartitions: index + 1 < tasks.count ? tasks[index + 1] : nil,
          upstream: index > 0 ? [index - 1] : [])
      })
  }
}
