import Basics
import CommandLine
import Engine
import Jobs
import Synchronization
import Telemetry
import Transport
import Wire

/// The driver: a thin shell around ``Engine/Scheduler``. One event thread feeds it events and carries out its
/// decisions; each job's steps run on their own thread (``JobRun``).
package final class Driver: Sendable {
  package struct Options: Sendable {
    package var scheduler = SchedulerConfig()
    /// The name shown to peers.
    package var name = "driver"
    /// The program and its build, which workers must share.
    package var build = Version.build
    package var secret: Secret?
    /// Folder where jobs are saved to survive the driver; nil for none.
    package var state: String?
    /// How long a saved job waits for its client after a lost connection or a driver restart.
    package var rejoin: Duration = .seconds(30)
    /// The limit of running jobs.
    package var maxJobs = JobLedger.Limits().running
    /// Receives the events.
    package var observer: (any DriverObserver)?

    package init() {}
  }

  package let registry: StepRegistry
  private let options: Options
  private let mailbox = Mailbox<DriverEvent>()
  private let state: Mutex<DriverState>
  private let clients = Mailbox<@Sendable () -> Void>()
  package let jobs: JobTable
  private let started = ContinuousClock.now
  private let nextWorker = Atomic(1)
  private let log: Log

  /// Jobs that an earlier driver left in the state folder are resumed at once.
  /// - Parameter log: Log for the operator.
  package init(registry: StepRegistry, options: Options = Options(), log: Log = .none) throws {
    self.registry = registry
    self.options = options
    self.log = log
    state = Mutex(DriverState(config: options.scheduler))
    var limits = JobLedger.Limits()
    limits.running = options.maxJobs
    jobs = JobTable(
      limits: limits, folder: try options.state.map { path throws(StateError) in try StateFolder(path) },
      rejoin: options.rejoin, observer: options.observer, log: log)
    observe([ClusterEvent(at: .now, .driverStarted(name: options.name, version: Version.current))])
    // The closures keep the driver alive until `close`.
    try mailbox.start("driver", tick: .milliseconds(100), handle: { self.handle($0) })
    try clients.start("clients", tick: .seconds(3600), handle: { for work in $0 { work() } })
    jobs.restore()
    startJobs()
  }

  /// Whether it accepts jobs.
  package var isOpen: Bool { jobs.isOpen }

  package var workerCount: Int { state.withLock { $0.scheduler.workerCount } }

  /// Accepts workers and clients on an endpoint until the listener is closed.
  package func listen(on endpoint: Endpoint, over transport: some Transport) throws -> any Listener {
    let identity = Identity(
      role: .driver, name: options.name, build: options.build, secret: options.secret)
    return try transport.listenForSessions(on: endpoint, as: identity, expecting: [.worker, .client]) {
      peer, error in
      self.log.write(.warning, "refused \(peer): \(error)")
    } accept: { session in
      switch session.peer.role {
      case .worker: self.acceptWorker(session)
      default: ClientLink.start(session, driver: self)
      }
    }
  }

  /// Ends all jobs and releases the workers. Saved jobs are resumed by the next driver. Returns when the jobs' threads have
  /// ended, or after `limit`.
  package func close(within limit: Duration = .seconds(10)) {
    jobs.close(limit)
    clients.close()
    mailbox.close()
    for connection in state.withLock({ $0.close() }) { connection.close(within: .seconds(1)) }
  }

  private func acceptWorker(_ session: Session) {
    let worker = WorkerID(nextWorker.add(1, ordering: .relaxed).oldValue)
    log.write(
      .info, "\(worker) connected: \(session.peer.name) at \(session.connection.peer)",
      worker: session.peer.name)
    guard mailbox.post(.workerConnected(worker, session.connection)) else {
      // It arrived while the driver was closing; nothing would answer it.
      session.connection.close(within: .seconds(1))
      return
    }
    session.connection.start { event in
      switch event {
      case .frames(let frames):
        // Back-pressure: a worker that sends faster than the driver reads has to wait.
        session.connection.hold(frames.encodedSize)
        self.mailbox.post(.workerFrames(worker, frames))
      case .closed(let reason):
        self.mailbox.post(.workerClosed(worker, .disconnected("\(reason)")))
      }
    }
  }

  func post(_ event: SchedulerEvent) { mailbox.post(.scheduler(event)) }

  /// Runs a graph for a job's thread. The scheduler ends every graph; the wait is split only so that no single
  /// wait is unbounded.
  func run(_ graph: StageGraph, of job: JobID, submitted: () -> Void) throws -> [TaskResult] {
    let waiter = GraphWaiter(nil)
    mailbox.post(.submit(job, graph, waiter))
    submitted()
    while true {
      if let result = waiter.wait(.seconds(3600), until: { $0 }) { return try result.get() }
    }
  }

  /// Runs a client's request after all earlier ones.
  func forClients(_ work: @escaping @Sendable () -> Void) { clients.post(work) }

  /// Accepts a job and starts it as soon as there is room. May wait for the state folder's disk.
  /// - Parameters:
  ///   - id: nil for a new id. A job that exists under the id is not started again.
  ///   - listener: Receives the job's events until its end, the first one before this returns.
  package func submit(
    _ submission: JobSubmission, as id: JobID?, listener: JobListener?
  ) throws -> JobLedger.Admission {
    let admission = try jobs.submit(submission, as: id, listener: listener)
    guard case .accepted(let record) = admission else { return admission }
    log.write(.info, "job \(record.id) accepted: \(record.name)", job: record.id)
    startJobs()
    return admission
  }

  /// - Returns: The job's state; nil if there is no such job.
  package func cancel(_ id: JobID) -> JobRecord? { jobs.cancel(id) }

  /// The client of a job has disconnected.
  func leave(_ id: JobID, _ listener: JobListener) { jobs.leave(id, listener) }

  private func startJobs() {
    for run in jobs.start({ JobRun($0, driver: self) }) {
      do {
        try startThread("job") {
          run.main()
          self.post(.release(run.job))
          self.jobs.ended(run)
          self.startJobs()
        }
      } catch {
        jobs.happened(.finished(.failed("\(error)")), to: run.id)
        jobs.ended(run)
      }
    }
  }

  func observe(_ events: [ClusterEvent]) {
    if !events.isEmpty { options.observer?.observe(events) }
  }

  private func handle(_ events: [DriverEvent]) {
    let isObserved = options.observer != nil
    let (now, actions, told) = state.withLock { state in
      let now = state.clock.turn(at: ContinuousClock.now - started)
      var translated = state.queueEvents(now: now)
      for event in events { translated.append(contentsOf: state.translate(event)) }
      translated.append(.tick)
      let actions = state.scheduler.handle(translated, now: now)
      let told = isObserved ? tell(translated, actions, &state, now: now) : []
      return (now, actions, told)
    }
    observe(told)
    for action in actions { perform(action) }
    let abandoned = jobs.abandoned()
    if !abandoned.isEmpty { forClients { for id in abandoned { self.jobs.giveUp(id) } } }
    jobs.showProgress(now: now) { job in state.withLock { $0.scheduler.stages(of: job, now: now) } }
  }

  /// Sends the scheduler's inputs and decisions to the observers.
  private func tell(
    _ events: [SchedulerEvent], _ actions: [SchedulerAction], _ state: inout DriverState, now: Duration
  ) -> [ClusterEvent] {
    let at = Moment.now
    // The scheduler's clock is not the wall clock, so only the elapsed time counts.
    func moment(_ time: Duration) -> Moment { at.advanced(by: time - now) }
    var told: [ClusterEvent] = []
    for event in events {
      state.tap.take(event, at: at, into: &told)
      guard case .submit(let name, let graph) = event, let run = jobs.run(name) else { continue }
      let stages = state.scheduler.stages(of: name, now: now)
      if !stages.isEmpty {
        told.append(state.tap.began(graph, of: name, job: run.id, step: run.currentStep, stages, at: at))
      }
    }
    for action in actions { state.tap.take(action, at: at, into: &told) }
    if now - state.lastLook >= .milliseconds(500) {
      state.lastLook = now
      state.tap.look(at: state.scheduler.workerSnapshots, now: at, moment: moment, into: &told)
    }
    return told
  }

  /// The scheduler checks the size of every part, so what does not fit is a mistake of ours: it ends the jobs concerned and not
  /// the worker.
  private func send(_ message: DriverMessage, to worker: WorkerID) {
    guard let connection = state.withLock({ $0.connections[worker] }) else { return }
    do {
      connection.send(try message.frame)
    } catch {
      log.write(.error, "cannot send to \(worker): \(error)", worker: worker.description)
      guard case .launch(let batch) = message else { return }
      for job in Set(batch.tasks.map(\.attempt.task.stage.job)) { post(.fail(job, "\(error)")) }
    }
  }

  private func perform(_ action: SchedulerAction) {
    switch action {
    case .send(let worker, let message):
      send(message, to: worker)
    case .disconnect(let worker, let departure):
      log.write(.info, "\(worker) left: \(departure)", worker: worker.description)
      state.withLock { $0.disconnect(worker) }?.close(within: .seconds(1))
    case .finished(let job, let result, let stages):
      jobs.run(job)?.finishedStages(stages)
      let waiter = state.withLock { $0.waiters.removeValue(forKey: job) }
      waiter?.change { $0 = result }
    case .notice(let job, let text):
      let run = jobs.run(job)
      log.write(.warning, text, job: run?.id ?? job)
      run?.emit(.notice(text))
    }
  }
}
