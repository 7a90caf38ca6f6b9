import Basics
import Jobs
import Wire

/// All jobs of a driver: queued, running and finished, by id. Pure: ``JobTable`` locks it,
/// starts threads and writes files.
package struct JobLedger: Sendable {
  package struct Limits: Sendable {
    /// The limit of running jobs; each has a thread.
    package var running = 64
    /// The limit of queued jobs.
    package var queued = 10_000
    /// Finished jobs that are still listed.
    package var ended = 1000

    package init() {}
  }

  package enum Admission: Sendable {
    case accepted(JobRecord)
    /// The same job was submitted under this id before.
    case known(JobRecord)
    /// Another job was submitted under this id.
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
  /// Submissions of unfinished jobs.
  private var submissions: [JobID: JobSubmission] = [:]
  /// All jobs, in order of submission.
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

  /// Takes over the jobs of an earlier driver. Running jobs are queued again; their finished steps stay done.
  /// - Parameter records: In order of submission.
  package mutating func restore(_ records: [(JobRecord, JobSubmission)]) {
    for (record, submission) in records where self.records[record.id] == nil {
      var record = record
      if !record.state.isEnd { record.state = .queued }
      insert(record, submission)
    }
  }

  /// Removes an accepted job that could not be saved.
  package mutating func withdraw(_ id: JobID) {
    guard records[id]?.state == .queued else { return }
    forget(id)
    waiting.removeAll { $0 == id }
  }

  /// The jobs to start now.
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

  /// - Returns: The record as it will be after the event, if it must be saved.
  package func preview(_ event: JobEvent, of id: JobID, at now: Moment) -> JobRecord? {
    guard var record = records[id], !record.state.isEnd, record.apply(event, at: now) else { return nil }
    return record
  }

  /// - Returns: The updated record, if it must be saved.
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

  /// Drops the oldest finished jobs beyond the limit.
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
