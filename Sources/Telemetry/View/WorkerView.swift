import Basics
import Wire

/// A worker as the cluster's page shows it.
package struct WorkerView: Sendable {
  package let id: WorkerID
  package let info: WorkerInfo
  package let joined: Moment
  package var condition = WorkerCondition.ready
  package var running = 0
  package var queued = 0
  package var lastHeard: Moment
  package private(set) var done = 0
  package private(set) var failed = 0
  package private(set) var metrics = TaskMetrics()

  package init(_ id: WorkerID, _ info: WorkerInfo, joined: Moment) {
    self.id = id
    self.info = info
    self.joined = joined
    lastHeard = joined
  }

  package mutating func add(_ attempt: AttemptRecord) {
    switch attempt.outcome {
    case .success(let metrics):
      done += 1
      self.metrics += metrics
    case .failed(.cancelled), .lost: break
    case .failed: failed += 1
    }
  }
}

/// A worker that has left.
package struct FormerWorker: Sendable {
  package let id: WorkerID
  package let name: String
  package let left: Moment
  package let reason: String
  /// It was drained, or it rejoined.
  package let isOrderly: Bool
}
