import Basics
import Jobs
import Wire

/// A driver's record of one job, from submission until it is dropped. The API, the page, the event log and the driver's
/// state on disk use the same record.
package struct JobRecord: Sendable {
  package enum State: String, CaseIterable, Sendable {
    case queued, running, done, failed, cancelled

    package var isEnd: Bool { self != .queued && self != .running }
  }

  /// A line of the job's log, as shown by `swift-submit logs`.
  package struct Line: Hashable, Sendable {
    package let at: Moment
    package let text: String
  }

  /// The limit of lines; the oldest are dropped.
  static let lineLimit = 500

  package let id: JobID
  package let name: String
  package let isDetached: Bool
  /// Fingerprint of the submission.
  package let digest: String
  package internal(set) var state = State.queued
  /// The error message, if it failed.
  package internal(set) var error: String?
  package internal(set) var submitted: Moment
  package internal(set) var started: Moment?
  package internal(set) var finished: Moment?
  /// How often a driver has started it; more than 1 after a driver restart.
  package internal(set) var runs = 0
  package internal(set) var steps: [StepRecord]
  /// What the running step is doing.
  package internal(set) var status = ""
  package internal(set) var lines: [Line] = []
  package internal(set) var omittedLines = 0

  package init(
    id: JobID, name: String, isDetached: Bool, digest: String, steps: [(type: String, name: String)],
    submitted: Moment
  ) {
    self.id = id
    self.name = name
    self.isDetached = isDetached
    self.digest = digest
    self.submitted = submitted
    self.steps = steps.map { StepRecord(type: $0.type, name: $0.name) }
  }

  /// The first unfinished step.
  package var nextStep: Int { steps.firstIndex { $0.state != .done } ?? steps.count }

  /// The id of this run's tasks. A restarted driver that resumes the job must not reuse names that tasks from before the restart
  /// may still use.
  package var runID: JobID { runs > 1 ? JobID("\(id.name).r\(runs)") : id }

  /// The events so far, for a client that joins later: without notices and task progress.
  package var story: [JobEvent] {
    var events: [JobEvent] = [.accepted(id)]
    for (index, step) in steps.enumerated() {
      if step.state == .running {
        events.append(.stepStarted(index: index, type: step.type, name: step.name))
      } else if let report = step.report {
        events.append(.stepFinished(index: index, seconds: step.seconds ?? 0, report: report))
      }
    }
    if !status.isEmpty { events.append(.status(status)) }
    if let outcome { events.append(.finished(outcome)) }
    return events
  }

  private var outcome: JobOutcome? {
    switch state {
    case .queued, .running: nil
    case .done: .done
    case .failed: .failed(error ?? "")
    case .cancelled: .cancelled
    }
  }

  mutating func begin(at now: Moment) {
    state = .running
    started = started ?? now
    runs += 1
    if runs > 1 { note("the driver was restarted: goes on with step \(nextStep + 1)", at: now) }
  }

  /// Applies an event.
  /// - Returns: Whether the change must survive a restart.
  @discardableResult
  mutating func apply(_ event: JobEvent, at now: Moment) -> Bool {
    switch event {
    case .accepted, .progress: return false
    case .status(let line):
      status = line
      return false
    case .notice(let line):
      note(line, at: now)
      return false
    case .stepStarted(let index, let type, let name):
      status = ""
      guard steps.indices.contains(index) else { return false }
      steps[index].begin(at: now)
      note(
        "step \(index + 1) of \(steps.count) begins: \(name == type ? type : "\(name) (\(type))")", at: now)
      return true
    case .stepFinished(let index, let seconds, let report):
      status = ""
      guard steps.indices.contains(index) else { return false }
      steps[index].finish(report, seconds: seconds)
      let how = report.skipped ? "was up to date" : "is done in \(Quantity.seconds(seconds))"
      note("step \(index + 1) of \(steps.count) \(how): \(report.output)", at: now)
      return true
    case .finished(let outcome):
      finish(outcome, at: now)
      return true
    }
  }

  private mutating func finish(_ outcome: JobOutcome, at now: Moment) {
    finished = now
    status = ""
    switch outcome {
    case .done:
      state = .done
      note("done", at: now)
    case .cancelled:
      state = .cancelled
      note("cancelled", at: now)
    case .failed(let message):
      state = .failed
      error = message
      note("failed: \(message)", at: now)
    }
    for index in steps.indices where steps[index].state == .running {
      steps[index].stop(state == .failed ? .failed : .cancelled, at: now)
    }
  }

  /// Repeated notices become one line.
  mutating func note(_ text: String, at now: Moment) {
    if let last = lines.last, last.text == text { return }
    lines.append(Line(at: now, text: text))
    guard lines.count > JobRecord.lineLimit else { return }
    lines.removeFirst()
    omittedLines += 1
  }
}

/// One step of a job.
package struct StepRecord: Sendable {
  package enum State: String, CaseIterable, Sendable { case waiting, running, done, failed, cancelled }

  package let type: String
  package let name: String
  package internal(set) var state = State.waiting
  package internal(set) var started: Moment?
  package internal(set) var seconds: Double?
  package internal(set) var report: StepReport?

  init(type: String, name: String) {
    self.type = type
    self.name = name
  }

  mutating func begin(at now: Moment) {
    state = .running
    started = now
  }

  mutating func finish(_ report: StepReport, seconds: Double) {
    state = .done
    self.seconds = seconds
    self.report = report
  }

  mutating func stop(_ state: State, at now: Moment) {
    self.state = state
    seconds = started.map { now.seconds(since: $0) }
  }
}
