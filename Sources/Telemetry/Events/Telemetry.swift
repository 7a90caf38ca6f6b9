import Basics
import CommandLine
import Foundation
import Synchronization
import Transport
import Wire

/// Updates the view and the event logs on its own thread, so that nothing waits for it. Events that arrive
/// too fast are dropped and counted.
package final class Telemetry: DriverObserver {
  /// The limit of queued events.
  private static let backlog = 200_000

  private struct Inbox: Sendable {
    var events: [ClusterEvent] = []
    var dropped = 0
    var isClosed = false
    var hasEnded = false
  }

  private let inbox = Monitor(Inbox())
  private let view = Monitor(ClusterView())
  private let log: Log

  /// - Parameter folder: Folder for event logs; nil for none.
  package init(eventLog folder: String?, log: Log) throws {
    self.log = log
    let eventLog = try folder.map { try EventLog($0, log: log) }
    try startThread("telemetry") { self.run(eventLog) }
  }

  package func observe(_ events: [ClusterEvent]) {
    inbox.change { inbox in
      guard !inbox.isClosed else { return }
      if inbox.events.count < Telemetry.backlog {
        inbox.events.append(contentsOf: events)
        return
      }
      for event in events {
        // Events that occur once per job or worker are never dropped.
        if case .attemptEnded = event.what { inbox.dropped += 1 } else { inbox.events.append(event) }
      }
    }
  }

  /// Returns when all observed events have been applied.
  package func close() {
    inbox.change { $0.isClosed = true }
    _ = inbox.wait(.seconds(5)) { $0.hasEnded ? true : nil }
  }

  /// The current view.
  package func snapshot() -> ClusterView { view.withLock { $0 } }

  /// Waits until the view differs from `version`.
  package func wait(beyond version: Int, _ limit: Duration) {
    _ = view.wait(limit) { $0.version > version ? true : nil }
  }

  private func run(_ first: EventLog?) {
    var eventLog = first
    while true {
      let (events, dropped, isEnd) =
        inbox.wait(.milliseconds(500)) { inbox -> ([ClusterEvent], Int, Bool)? in
          guard !inbox.events.isEmpty || inbox.isClosed else { return nil }
          defer {
            inbox.events = []
            inbox.dropped = 0
          }
          return (inbox.events, inbox.dropped, inbox.isClosed)
        } ?? ([], 0, false)
      if !events.isEmpty {
        view.change { view in
          view.apply(events)
          if dropped > 0 { view.apply(ClusterEvent(at: .now, .dropped(dropped))) }
        }
      }
      for event in events {
        eventLog?.write(event)
        tell(event)
      }
      eventLog?.flush()
      if isEnd, events.isEmpty { break }
    }
    inbox.change { $0.hasEnded = true }
  }

  /// Logs failed attempts with all their ids. The driver logs the retries.
  private func tell(_ event: ClusterEvent) {
    guard case .attemptEnded(let attempt) = event.what, case .failed(let failure) = attempt.outcome,
      failure != .cancelled
    else { return }
    let task = TaskID(stage: StageID(job: attempt.job, number: attempt.stage), partition: attempt.partition)
    log.write(
      .warning, "task attempt failed (\(failure.kind)): \(failure.message)", job: attempt.job,
      attempt: TaskAttemptID(task: task, attempt: attempt.attempt), worker: attempt.worker.description)
  }
}
