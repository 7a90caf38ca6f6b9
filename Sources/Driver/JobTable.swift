import Basics
import CommandLine
import Engine
import Glibc
import Jobs
import Synchronization
import Telemetry
import Transport
import Wire

/// The jobs of a driver: the ledger behind a lock, its file on disk, and who wants to hear of each.
package final class JobTable: Sendable {
  private struct State: Sendable {
    var ledger: JobLedger
    /// Those that run, under the names that their tasks carry.
    var runs: [JobID: JobRun] = [:]
    var followers = JobFollowers()
    var lastProgress: Duration = .zero
    var isClosing = false

    /// The driver ends, and the job, where it is kept, does not: the next driver goes on with it.
    func goesOn(_ event: JobEvent) -> Bool {
      guard isClosing, case .finished(.cancelled) = event else { return false }
      return true
    }
  }

  private let state: Monitor<State>
  /// Held while a job is taken and written: whoever submits the same once more is told of a job that is on disk.
  private let submitting = Mutex(())
  private let folder: StateFolder?
  /// How long a job waits for its client.
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

  /// Time and a counter: ids sort by age, and stay short enough to cost no allocation where they are compared. Every `swift-submit`
  /// with a driver of its own counts for itself, and several may share a folder of event logs: they begin at different numbers.
  private static func newID() -> JobID {
    let number = JobTable.counter.add(1, ordering: .relaxed).oldValue
    return JobID("j" + String(time(nil), radix: 36) + "-" + String(number, radix: 36))
  }

  /// Four digits of base 36.
  private static let counter = Atomic(Int.random(in: 46_656..<1_000_000))

  // MARK: what is asked

  package subscript(id: JobID) -> JobRecord? { state.withLock { $0.ledger[id] } }

  package func list(_ wanted: JobRecord.State?) -> [JobRecord] { state.withLock { $0.ledger.list(wanted) } }

  package var counts: (running: Int, waiting: Int) {
    state.withLock { ($0.ledger.runningCount, $0.ledger.waitingCount) }
  }

  /// They outlive the driver.
  package var areKept: Bool { folder != nil }

  package var isOpen: Bool { state.withLock { !$0.isClosing } }

  /// The run that tasks of this name belong to.
  package func run(_ name: JobID) -> JobRun? { state.withLock { $0.runs[name] } }

  // MARK: what happens

  /// What a driver before this one left goes on.
  package func restore() {
    guard let folder else { return }
    let kept = folder.load { log.write(.warning, $0) }
    let now = Moment.now
    for (record, submission) in kept {
      state.change { $0.ledger.restore([(record, submission)]) }
      guard !record.state.isEnd else { continue }
      guard let restored = self[record.id] else { continue }
      observer?.observe([ClusterEvent(at: now, .jobSubmitted(restored))])
      var told = "goes on with job \(record.id), which the driver before this one had"
      if !record.isDetached {
        state.change { $0.followers.await(record.id, until: .now + rejoin) }
        told += "; waits \(Int(rejoin / .seconds(1))) s for its client"
      }
      log.write(.info, told, job: record.id)
    }
  }

  /// - Parameter id: nil for a new one.
  /// - Throws: ``StateError`` where it cannot be kept.
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

  /// The jobs that begin now.
  /// - Parameter make: Called under the lock, so that a job that runs can be cancelled.
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

  /// Whatever a job tells, from any thread: kept, written, and passed on. What is on disk comes first: nobody is told of a step that
  /// is done, and finds it not done after the driver's death.
  package func happened(_ event: JobEvent, to id: JobID) {
    let now = Moment.now
    if folder != nil, state.withLock({ $0.goesOn(event) }) {
      observer?.observe([ClusterEvent(at: now, .job(id, event))])
      return log.write(.info, "job \(id) goes on with the next driver", job: id)
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

  /// A job that is there already runs on where its state cannot be written; the driver's log tells.
  private func save(_ record: JobRecord) {
    guard let folder else { return }
    do {
      // What has ended needs no job file, and keeps none: there may be credentials in it.
      try folder.save(
        record, record.state.isEnd ? nil : state.withLock { $0.ledger.submission(of: record.id) })
    } catch {
      log.write(.error, "\(error)", job: record.id)
    }
  }

  // MARK: clients

  /// Tells a job's story so far, and what happens from now on.
  /// - Returns: false where there is no such job.
  package func follow(_ id: JobID, _ listener: JobListener) -> Bool {
    state.change { state in
      guard let record = state.ledger[id] else { return false }
      // Under the lock, so that nothing that happens meanwhile comes before it, or twice. Listeners do not block.
      for event in record.story { listener.hear(event) }
      if !record.state.isEnd { state.followers.add(listener, to: id) }
      return true
    }
  }

  /// A listener's client is away. Where nobody else follows its job, the job waits for it, or ends if it is not kept.
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

  /// Jobs whose clients did not come back in time, each once.
  package func abandoned() -> [JobID] {
    state.withLock { $0.followers.abandoned(at: .now) }
  }

  package func giveUp(_ id: JobID) {
    cancel(
      id,
      because: "its client was away for \(Int(rejoin / .seconds(1))) s, so nobody waits for it")
  }

  /// Asks a job to stop.
  /// - Parameter reason: Why it has failed then; nil where it was cancelled.
  /// - Returns: What it is now; nil for a job that is not known.
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

  /// Jobs whose state is kept go on with the next driver; all others end.
  package func close(_ limit: Duration) {
    let (runs, waiting) = state.change { state in
      state.isClosing = true
      return (Array(state.runs.values), state.ledger.list(.queued))
    }
    for record in waiting { happened(.finished(.cancelled), to: record.id) }
    for run in runs { run.cancel() }
    _ = state.wait(limit) { $0.runs.isEmpty ? true : nil }
  }

  /// Tells each job's client how far its stages are, at most ten times a second.
  package func showProgress(now: Duration, _ stages: (JobID) -> [StageSnapshot]) {
    let due = state.withLock { state -> [JobRun] in
      guard now - state.lastProgress >= .milliseconds(100) else { return [] }
      state.lastProgress = now
      return Array(state.runs.values)
    }
    for run in due { run.progress(stages(run.job)) }
  }
}
