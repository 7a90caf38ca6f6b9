import Basics
import Jobs
import Wire

/// All jobs of a driver: which wait, which run, which have ended, and what each id stands for. Pure: a shell (``JobTable``) locks it,
/// starts threads and writes files.
package struct JobLedger: Sendable {
  package struct Limits: Sendable {
    /// Jobs that run at a time; each has a thread.
    package var running = 64
    /// Jobs that wait behind them.
    package var queued = 10_000
    /// Jobs that have ended and are still told about.
    package var ended = 1000

    package init() {}
  }

  package enum Admission: Sendable {
    case accepted(JobRecord)
    /// The same was submitted under this id before.
    case known(JobRecord)
    /// Something else was.
    case conflict
    case full(limit: Int)
  }

  package enum Cancellation: Sendable {
    case unknown
    case ended(JobRecord)
    case waiting(JobRecord)
    case running(JobRecord)
  }

  package struct Start: Sendable {
    package let record: JobRecord
    package let submission: JobSubmission
  }

  package let limits: Limits
  private var records: [JobID: JobRecord] = [:]
  /// Of jobs that have not ended.
  private var submissions: [JobID: JobSubmission] = [:]
  /// Of all jobs, in the order of their submission.
  private var order: [JobID] = []
  private var waiting: [JobID] = []
  package private(set) var runningCount = 0

  package init(limits: Limits = Limits()) { self.limits = limits }

  package subscript(id: JobID) -> JobRecord? { records[id] }

  package func submission(of id: JobID) -> JobSubmission? { submissions[id] }

  /// The newest first.
  package func list(_ state: JobRecord.State?) -> [JobRecord] {
    order.reversed().compactMap { records[$0] }.filter { state == nil || $0.state == state }
  }

  package var waitingCount: Int { waiting.count }

  package mutating func submit(_ submission: JobSubmission, as id: JobID, at now: Moment) -> Admission {
    if let known = records[id] {
      return known.digest == submission.digest ? .known(known) : .conflict
    }
    guard waiting.count < limits.queued else { return .full(limit: limits.queued) }
    let record = JobRecord(
      id: id, name: submission.name, isDetached: submission.isDetached, digest: submission.digest,
      steps: submission.outline, submitted: now)
    insert(record, submission)
    return .accepted(record)
  }

  private mutating func insert(_ record: JobRecord, _ submission: JobSubmission?) {
    records[record.id] = record
    order.append(record.id)
    guard !record.state.isEnd, let submission else { return }
    submissions[record.id] = submission
    waiting.append(record.id)
  }

  /// What a driver before this one left: what ran waits again, with the steps that are done.
  /// - Parameter records: In the order of their submission.
  package mutating func restore(_ records: [(JobRecord, JobSubmission)]) {
    for (record, submission) in records where self.records[record.id] == nil {
      var record = record
      if !record.state.isEnd { record.state = .queued }
      insert(record, submission)
    }
  }

  /// An accepted job that could not be kept.
  package mutating func withdraw(_ id: JobID) {
    guard records[id]?.state == .queued else { return }
    forget(id)
    waiting.removeAll { $0 == id }
  }

  /// The jobs that begin now.
  package mutating func start(at now: Moment) -> [Start] {
    var started: [Start] = []
    while runningCount < limits.running, !waiting.isEmpty {
      let id = waiting.removeFirst()
      guard let submission = submissions[id] else { continue }
      records[id]?.begin(at: now)
      guard let record = records[id] else { continue }
      runningCount += 1
      started.append(Start(record: record, submission: submission))
    }
    return started
  }

  package func cancel(_ id: JobID) -> Cancellation {
    guard let record = records[id] else { return .unknown }
    switch record.state {
    case .queued: return .waiting(record)
    case .running: return .running(record)
    default: return .ended(record)
    }
  }

  /// - Returns: The record as it will be after an event, where a restart must find it so.
  package func preview(_ event: JobEvent, of id: JobID, at now: Moment) -> JobRecord? {
    guard var record = records[id], !record.state.isEnd, record.apply(event, at: now) else { return nil }
    return record
  }

  /// - Returns: The record as it is now, where a restart must find it so.
  package mutating func apply(_ event: JobEvent, to id: JobID, at now: Moment) -> JobRecord? {
    guard let state = records[id]?.state, !state.isEnd, records[id]?.apply(event, at: now) == true else {
      return nil
    }
    if records[id]?.state.isEnd == true {
      if state == .running { runningCount -= 1 }
      waiting.removeAll { $0 == id }
      submissions[id] = nil
    }
    return records[id]
  }

  /// Forgets the oldest of the jobs that have ended, beyond the limit.
  /// - Returns: Their ids.
  package mutating func prune() -> [JobID] {
    let ended = order.filter { records[$0]?.state.isEnd == true }
    let gone = Array(ended.prefix(max(0, ended.count - limits.ended)))
    for id in gone { forget(id) }
    return gone
  }

  private mutating func forget(_ id: JobID) {
    records[id] = nil
    submissions[id] = nil
    order.removeAll { $0 == id }
  }
}
