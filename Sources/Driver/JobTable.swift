import Basics
import CommandLine
import Engine
import Glibc
import Jobs
import Synchronization
import Telemetry
import Transport
import Wire

/// The jobs of a driver: the ledger behind a lock, the state folder, and the followers of each job.
package final class JobTable: Sendable {
  private struct State: Sendable {
    var ledger: JobLedger
    /// Running jobs by the id of their run.
    var runs: [JobID: JobRun] = [:]
    var followers = JobFollowers()
    var lastProgress: Duration = .zero
    var isClosing = false

    /// The driver is closing. Saved jobs stay, for the next driver to resume.
    func goesOn(_ event: JobEvent) -> Bool {
      guard isClosing, case .finished(.cancelled) = event else { return false }
      return true
    }
  }

  private let state: Monitor<State>
  /// Held while a job is accepted and saved, so that a repeated submission finds a job that is on disk.
  private let submitting = Mutex(())
  private let folder: StateFolder?
  /// How long a job waits for its client to reconnect.
  private let rejoin: Duration
  private let observer: (any DriverObserver)?
  private let log: Log

  package init(
    limits: JobLedger.Limits, folder: StateFolder?, rejoin: Duration, observer: (any DriverObserver)?,
    log: Log
  ) {
    state = Monitor(State(ledger: JobLedger(limits: limits)))
    self.folder = folder
    self.rejoin = rejoin
    self.observer = observer
    self.log = log
  }

  /// Time and a counter: ids sort by age and fit into a small string. Each `swift-submit`
  /// with its own driver counts separately and may share a folder of event logs, so counters start at different numbers.
  private static func newID() -> JobID {
    let number = JobTable.counter.add(1, ordering: .relaxed).oldValue
    return JobID("j" + String(time(nil), radix: 36) + "-" + String(number, radix: 36))
  }

  /// Four digits of base 36.
  private static let counter = Atomic(Int.random(in: 46_656..<1_000_000))

  // MARK: queries

  package subscript(id: JobID) -> JobRecord? { state.withLock { $0.ledger[id] } }

  package func list(_ wanted: JobRecord.State?) -> [JobRecord] { state.withLock { $0.ledger.list(wanted) } }

  package var counts: (running: Int, waiting: Int) {
    state.withLock { ($0.ledger.runningCount, $0.ledger.waitingCount) }
  }

  /// Whether jobs are saved.
  package var areKept: Bool { folder != nil }

  package var isOpen: Bool { state.withLock { !$0.isClosing } }

  /// The run with this id.
  package func run(_ name: JobID) -> JobRun? { state.withLock { $0.runs[name] } }

  // MARK: events

  /// Resumes the jobs of an earlier driver.
  package func restore() {
    guard let folder else { return }
    let kept = folder.load { log.write(.warning, $0) }
    let now = Moment.now
    for (record, submission) in kept {
      state.change { $0.ledger.restore([(record, submission)]) }
      guard !record.state.isEnd else { continue }
      guard let restored = self[record.id] else { continue }
      observer?.observe([ClusterEvent(at: now, .jobSubmitted(restored))])
      var told = "resumes job \(record.id) of the previous driver"
      if !record.isDetached {
        state.change { $0.followers.await(record.id, until: .now + rejoin) }
        told += "; waiting \(Int(rejoin / .seconds(1))) s for its client"
      }
      log.write(.info, told, job: record.id)
    }
  }

  /// - Parameter id: nil for a new id.
  /// - Throws: ``StateError`` if it cannot be saved.
  package func submit(
    _ submission: JobSubmission, as id: JobID?, listener: JobListener?
  ) throws -> JobLedger.Admission {
    let admission = try submitting.withLock { _ in
      try take(submission, as: id ?? JobTable.newID(), listener: listener)
    }
    guard case .accepted(let record) = admission else { return admission }
    observer?.observe([ClusterEvent(at: record.submitted, .jobSubmitted(record))])
    listener?.hear(.accepted(record.id))
    return admission
  }

  private func take(
    _ submission: JobSubmission, as id: JobID, listener: JobListener?
  ) throws -> JobLedger.Admission {
    let now = Moment.now
    let admission = state.change { state -> JobLedger.Admission in
      let admission = state.ledger.submit(submission, as: id, at: now)
      if case .accepted = admission, let listener { state.followers.add(listener, to: id) }
      return admission
    }
    guard case .accepted(let record) = admission else { return admission }
    do {
      try folder?.save(record, submission)
    } catch {
      state.change {
        $0.ledger.withdraw(id)
        $0.followers.forget(id)
      }
      throw error
    }
    return admission
  }

  /// The jobs to start now.
  /// - Parameter make: Called under the lock, so that a running job can always be cancelled.
  package func start(_ make: (JobLedger.Start) -> JobRun) -> [JobRun] {
    let now = Moment.now
    let started = state.change { state -> [(JobRecord, JobRun)] in
      guard !state.isClosing else { return [] }
      return state.ledger.start(at: now).map { start in
        let run = make(start)
        state.runs[run.job] = run
        return (start.record, run)
      }
    }
    for (record, _) in started {
      save(record)
      observer?.observe([ClusterEvent(at: now, .jobStarted(record.id))])
    }
    return started.map { $0.1 }
  }

  package func ended(_ run: JobRun) { _ = state.change { $0.runs.removeValue(forKey: run.job) } }

  /// Saves a job's event and passes it on. Called from any thread. It is written to disk first: nobody may learn of a finished step
  /// that is unfinished again after a driver crash.
  package func happened(_ event: JobEvent, to id: JobID) {
    let now = Moment.now
    if folder != nil, state.withLock({ $0.goesOn(event) }) {
      observer?.observe([ClusterEvent(at: now, .job(id, event))])
      return log.write(.info, "job \(id) is saved for the next driver", job: id)
    }
    if folder != nil, let next = state.withLock({ $0.ledger.preview(event, of: id, at: now) }) { save(next) }
    let (listeners, gone) = state.change { state -> ([JobListener], [JobID]) in
      let listeners = state.followers[id]
      let hasEnded = state.ledger.apply(event, to: id, at: now)?.state.isEnd == true
      if case .finished = event { state.followers.forget(id) }
      return (listeners, hasEnded ? state.ledger.prune() : [])
    }
    for id in gone { folder?.remove(id) }
    switch event {
    case .accepted, .progress: break
    default: observer?.observe([ClusterEvent(at: now, .job(id, event))])
    }
    if case .finished(let outcome) = event { tell(outcome, id) }
    for listener in listeners { listener.hear(event) }
  }

  private func tell(_ outcome: JobOutcome, _ id: JobID) {
    switch outcome {
    case .done: log.write(.info, "job \(id) is done", job: id)
    case .cancelled: log.write(.info, "job \(id) was cancelled", job: id)
    case .failed(let message): log.write(.error, "job \(id) failed: \(message)", job: id)
    }
  }

  /// A job keeps running if its state cannot be written; the driver's log says so.
  private func save(_ record: JobRecord) {
    guard let folder else { return }
    do {
      // The job file of a finished job is dropped, because it may contain credentials.
      try folder.save(
        record, record.state.isEnd ? nil : state.withLock { $0.ledger.submission(of: record.id) })
    } catch {
      log.write(.error, "\(error)", job: record.id)
    }
  }

  // MARK: clients

  /// Sends a job's events so far, and all later ones.
  /// - Returns: false if there is no such job.
  package func follow(_ id: JobID, _ listener: JobListener) -> Bool {
    state.change { state in
      guard let record = state.ledger[id] else { return false }
      // Under the lock, so that no event is sent out of order or twice. Listeners do not block.
      for event in record.story { listener.hear(event) }
      if !record.state.isEnd { state.followers.add(listener, to: id) }
      return true
    }
  }

  /// A listener's client has disconnected. If nobody else follows its job, a saved job waits for it; others end.
  package func leave(_ id: JobID, _ listener: JobListener) {
    let ends = state.change { state in
      let isAlone = state.followers.remove(listener, from: id)
      guard isAlone, let record = state.ledger[id], !record.isDetached, !record.state.isEnd else {
        return false
      }
      guard folder != nil else { return true }
      state.followers.await(id, until: .now + rejoin)
      return false
    }
    if ends { cancel(id) }
  }

  /// Jobs whose clients did not reconnect in time, each returned once.
  package func abandoned() -> [JobID] {
    state.withLock { $0.followers.abandoned(at: .now) }
  }

  package func giveUp(_ id: JobID) {
    cancel(
      id,
      because: "its client was disconnected for \(Int(rejoin / .seconds(1))) s")
  }

  /// Asks a job to stop.
  /// - Parameter reason: Why it failed; nil if it was cancelled.
  /// - Returns: Its record; nil for an unknown job.
  @discardableResult
  package func cancel(_ id: JobID, because reason: String? = nil) -> JobRecord? {
    let (cancellation, run) = state.withLock { state in
      (state.ledger.cancel(id), state.runs.values.first { $0.id == id })
    }
    switch cancellation {
    case .unknown: return nil
    case .ended(let record): return record
    case .waiting: happened(.finished(reason.map { .failed($0) } ?? .cancelled), to: id)
    case .running: run?.cancel(because: reason)
    }
    return self[id]
  }

  /// Saved jobs are resumed by the next driver; all others end.
  package func close(_ limit: Duration) {
    let (runs, waiting) = state.change { state in
      state.isClosing = true
      return (Array(state.runs.values), state.ledger.list(.queued))
    }
    for record in waiting { happened(.finished(.cancelled), to: record.id) }
    for run in runs { run.cancel() }
    _ = state.wait(limit) { $0.runs.isEmpty ? true : nil }
  }

  /// Sends the progress of stages to each job's client, at most ten times per second.
  package func showProgress(now: Duration, _ stages: (JobID) -> [StageSnapshot]) {
    let due = state.withLock { state -> [JobRun] in
      guard now - state.lastProgress >= .milliseconds(100) else { return [] }
      state.lastProgress = now
      return Array(state.runs.values)
    }
    for run in due { run.progress(stages(run.job)) }
  }
}
