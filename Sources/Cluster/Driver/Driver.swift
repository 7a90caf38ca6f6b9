import Engine
import Synchronization
import Transport
import Wire

/// The driver: a thin shell around ``Engine/Scheduler``. One event thread feeds it what happens and carries out what it
/// decides; each job's steps run on a thread of their own (``JobRun``).
package final class Driver: Sendable {
  package struct Options: Sendable {
    package var scheduler = SchedulerConfig()
    /// Shown to peers.
    package var name = "driver"
    package var secret: Secret?

    package init() {}
  }

  let registry: StepRegistry
  private let options: Options
  private let mailbox = Mailbox<DriverEvent>()
  private let state: Mutex<DriverState>
  private let jobs = JobTable()
  private let started = ContinuousClock.now
  private let nextWorker = Atomic(1)
  private let log: @Sendable (String) -> Void

  /// - Parameter log: Receives lines about peers and jobs for the operator.
  package init(
    registry: StepRegistry, options: Options = Options(), log: @escaping @Sendable (String) -> Void = { _ in }
  ) throws {
    self.registry = registry
    self.options = options
    self.log = log
    state = Mutex(DriverState(config: options.scheduler))
    // The closures keep the driver alive until `close`.
    try mailbox.start("driver", tick: .milliseconds(100), handle: { self.handle($0) })
  }

  package var workerCount: Int { state.withLock { $0.scheduler.workerCount } }

  /// Accepts workers and clients on an endpoint until the listener is closed.
  package func listen(on endpoint: Endpoint, over transport: some Transport) throws -> any Listener {
    let identity = Identity(role: .driver, name: options.name, secret: options.secret)
    return try transport.listenForSessions(on: endpoint, as: identity, expecting: [.worker, .client]) {
      peer, error in
      self.log("turned away \(peer): \(error)")
    } accept: { session in
      switch session.peer.role {
      case .worker: self.acceptWorker(session)
      default: ClientLink.start(session, driver: self)
      }
    }
  }

  /// Ends all jobs and lets the workers go. Returns when the jobs' threads have ended, or after `limit`.
  package func close(within limit: Duration = .seconds(10)) {
    jobs.cancelAll()
    jobs.waitUntilEmpty(limit)
    mailbox.close()
    for connection in state.withLock({ Array($0.connections.values) }) {
      connection.close(within: .seconds(1))
    }
  }

  private func acceptWorker(_ session: Session) {
    let worker = WorkerID(nextWorker.add(1, ordering: .relaxed).oldValue)
    log("\(worker) connected: \(session.peer.name) at \(session.connection.peer)")
    mailbox.post(.workerConnected(worker, session.connection))
    session.connection.start { event in
      switch event {
      case .frames(let frames):
        // A worker that talks faster than the driver listens is held back.
        session.connection.hold(frames.reduce(0) { $0 + $1.encodedSize })
        self.mailbox.post(.workerFrames(worker, frames))
      case .closed(let reason): self.mailbox.post(.workerClosed(worker, reason: "\(reason)"))
      }
    }
  }

  func post(_ event: SchedulerEvent) { mailbox.post(.scheduler(event)) }

  /// Runs a graph for a job's thread. The scheduler ends every graph; the wait is cut into pieces only so that no single
  /// wait is without a limit.
  func run(_ graph: StageGraph, of job: JobID, submitted: () -> Void) throws -> [TaskResult] {
    let waiter = GraphWaiter(nil)
    mailbox.post(.submit(job, graph, waiter))
    submitted()
    while true {
      if let result = waiter.wait(.seconds(3600), until: { $0 }) { return try result.get() }
    }
  }

  /// Starts a job's thread.
  func start(
    _ text: String, name: String, force: Bool, onEvent: @escaping @Sendable (JobEvent) -> Void
  ) throws -> JobRun {
    let run = JobRun(
      id: jobs.newID(), text: text, name: name, force: force, driver: self, onEvent: onEvent)
    jobs.add(run)
    do {
      try startThread("job") {
        run.main()
        self.post(.release(run.job))
        self.jobs.remove(run)
      }
    } catch {
      jobs.remove(run)
      throw error
    }
    log("job \(run.job) accepted: \(name)")
    return run
  }

  private func handle(_ events: [DriverEvent]) {
    let (now, actions) = state.withLock { state in
      let now = state.clock.turn(at: ContinuousClock.now - started)
      var translated: [SchedulerEvent] = []
      for event in events { translated.append(contentsOf: state.translate(event)) }
      translated.append(.tick)
      return (now, state.scheduler.handle(translated, now: now))
    }
    for action in actions { perform(action) }
    jobs.showProgress(now: now) { job in state.withLock { $0.scheduler.stages(of: job, now: now) } }
  }

  private func perform(_ action: SchedulerAction) {
    switch action {
    case .send(let worker, let message):
      _ = state.withLock { $0.connections[worker] }?.send(message.frame)
    case .disconnect(let worker, let reason):
      log("\(worker) left: \(reason)")
      state.withLock { $0.disconnect(worker) }?.close(within: .seconds(1))
    case .finished(let job, let result, let stages):
      jobs[job]?.finishedStages(stages)
      let waiter = state.withLock { $0.waiters.removeValue(forKey: job) }
      waiter?.change { $0 = result }
    case .notice(let job, let text):
      log("\(job): \(text)")
      jobs[job]?.emit(.notice(text))
    }
  }
}
