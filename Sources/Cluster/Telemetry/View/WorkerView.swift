import Wire

/// A worker as the page of the cluster shows it.
struct WorkerView: Sendable {
  let id: WorkerID
  let info: WorkerInfo
  let joined: Moment
  var condition = WorkerCondition.ready
  var running = 0
  var queued = 0
  var lastHeard: Moment
  private(set) var done = 0
  private(set) var failed = 0
  private(set) var metrics = TaskMetrics()

  init(_ id: WorkerID, _ info: WorkerInfo, joined: Moment) {
    self.id = id
    self.info = info
    self.joined = joined
    lastHeard = joined
  }

  mutating func add(_ attempt: AttemptRecord) {
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
struct FormerWorker: Sendable {
  let id: WorkerID
  let name: String
  let left: Moment
  let reason: String
  /// It was asked to go, or came back.
  let isOrderly: Bool
}
