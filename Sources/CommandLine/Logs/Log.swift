import Basics
import Wire

/// The log of a driver or worker, for its operator. Can be used from any thread.
package struct Log: Sendable {
  package enum Level: String, Sendable { case info, warning, error }

  package struct Entry: Sendable {
    package let at: Moment
    package let level: Level
    package let message: String
    package let job: JobID?
    package let attempt: TaskAttemptID?
    package let worker: String?
  }

  private let sink: @Sendable (Entry) -> Void

  package init(_ sink: @escaping @Sendable (Entry) -> Void) { self.sink = sink }

  package static let none = Log { _ in }

  package func write(
    _ level: Level, _ message: String, job: JobID? = nil, attempt: TaskAttemptID? = nil, worker: String? = nil
  ) {
    sink(Entry(at: .byWallClock, level: level, message: message, job: job, attempt: attempt, worker: worker))
  }

  /// Logs at level info.
  package func callAsFunction(_ message: String) { write(.info, message) }
}
