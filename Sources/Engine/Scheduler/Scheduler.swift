import Wire

/// The driver's scheduler: a pure state machine. Events and the current time go in, actions come out. It uses no sockets,
/// files, threads, clocks or random sources.
///
/// A task is done, running, or waiting in its stage's queue; see `docs/states.md`. Called only from the driver's event thread,
/// or from a test.
package struct Scheduler: Sendable {
  package let config: SchedulerConfig
  /// In order of their numbers.
  var workers = OrderedTable<WorkerID, WorkerState>()
  /// In order of arrival.
  var jobs = OrderedTable<JobID, JobState>()
  var actions: [SchedulerAction] = []
  /// The time of the current event batch.
  var now: Duration = .zero
  /// Since when no worker has been taking tasks; nil if one is.
  var workerlessSince: Duration?
  /// Number of launches so far, used to tell which job was served last.
  var servings = 0
  /// When to look for slow tasks next.
  var nextSpeculation: Duration = .zero
  /// Whether a worker may be reserved.
  var mayHaveReserved = false
  /// Deaths of workers, and the tasks that may be the cause.
  var register: DeathRegister
  /// Failed fetches within the window.
  var failedFetches: [FailedFetch] = []

  package init(config: SchedulerConfig = SchedulerConfig()) {
    self.config = config
    register = DeathRegister(limit: config.maxKilledWorkers)
    workerlessSince = .zero
  }

  /// Handles a batch of events that happened by `now` and returns the actions to take, in order.
  package mutating func handle(_ events: [SchedulerEvent], now: Duration) -> [SchedulerAction] {
    self.now = now
    for event in events { apply(event, now: now) }
    releaseDrained(now: now)
    assign(now: now)
    var result: [SchedulerAction] = []
    swap(&result, &actions)
    return result
  }

  private mutating func apply(_ event: SchedulerEvent, now: Duration) {
    switch event {
    case .workerJoined(let worker, let info): join(worker, info, now: now)
    case .workerLost(let worker, let departure): lose(worker, departure, now: now)
    case .message(let worker, let message): receive(message, from: worker, now: now)
    case .heard(let worker): hear(worker, now: now)
    case .unsent(let worker, let bytes): workers[worker]?.unsent = bytes
    case .submit(let job, let graph): submit(graph, of: job, now: now)
    case .fail(let job, let message): finish(job, .failure(.failed(message)))
    case .cancel(let job): cancel(job)
    case .dropCache(let job, let prefix): dropCache(of: job, prefix: prefix)
    case .release(let job): release(job)
    case .tick: checkTimers(now: now)
    }
  }

  private mutating func hear(_ worker: WorkerID, now: Duration) { workers[worker]?.hear(at: now) }

  private mutating func receive(_ message: WorkerMessage, from worker: WorkerID, now: Duration) {
    guard workers[worker] != nil else { return }
    hear(worker, now: now)
    switch message {
    case .register: break  // The shell turns the first one into `workerJoined`; later ones have no effect.
    case .reports(let reports): for report in reports { receive(report, from: worker, now: now) }
    case .heartbeat(let progress):
      for item in progress { workers[worker]?.note(item) }
      actions.append(.send(worker, .heartbeat))
    case .draining: drain(worker, now: now)
    }
  }

  private mutating func checkTimers(now: Duration) {
    var silent: [WorkerID] = []
    for position in workers.ids.indices {
      let silence = workers[position: position]?.listen(at: now, quietAfter: config.quietAfter)
      if let silence, silence > config.workerTimeout { silent.append(workers.ids[position]) }
    }
    for worker in silent {
      lose(worker, .silent(seconds: Int(config.workerTimeout.components.seconds)), now: now)
    }
    guard let since = workerlessSince, now - since > config.noWorkerTimeout else { return }
    let waited = config.noWorkerTimeout.components.seconds
    for job in jobs.all where job.isRunning {
      let text = "no worker has joined the driver for \(waited) s, so the job cannot run"
      finish(job.id, .failure(.failed(text + suspects(of: job))))
    }
  }
}
