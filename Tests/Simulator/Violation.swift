/// The rules that must hold in every run, after each step.
package enum Invariant: String, CaseIterable, Sendable {
  case slots = "slots are never oversubscribed"
  case noTaskLost = "no task is lost"
  case stale = "no stale attempt is accepted"
  case publishedOnce = "no output is published twice"
  case rightResult = "results equal those of a sequential run"
  case jobEnds = "every job ends, and for a reason"
  case lostOutput = "tasks read map outputs that are there"
  case explained = "no attempt is launched for nothing"
  case retries = "tasks are tried as often as they should be"
  case stopped = "what nobody waits for is stopped"
  case memory = "memory is released when its stage or job is, not before or after"
  case eaten = "a task that kills workers ends its job, an innocent one does not"
  case silence = "silent workers are given up, others are not"
  case drain = "workers leave when they may, not before or after"
  case messages = "messages and queues keep within their limits"
  case fair = "a free slot goes to the job whose turn it is"
  case consistent = "the scheduler's tables agree"
}

/// A rule that a run broke.
package struct Violation: Equatable, Sendable {
  package let invariant: Invariant
  package let text: String
  package let about: [Subject]

  init(_ invariant: Invariant, _ text: String, _ about: [Subject] = []) {
    self.invariant = invariant
    self.text = text
    self.about = about
  }
}

/// The broken rules that a checker has found. A class, so that a checker can read its own state while it adds one.
final class Findings {
  private var found: [Violation] = []

  /// Sorted, because the order of dictionaries differs between processes.
  var violations: [Violation] { found.count < 2 ? found : found.sorted { $0.text < $1.text } }

  func add(_ violation: Violation) { found.append(violation) }
}
