import Wire

/// Counters since the driver started; they never decrease.
package struct ClusterTotals: Sendable {
  package init() {}

  package var workersJoined = 0
  /// Lost without having been drained.
  package var workersLost = 0
  package var exclusions = 0
  package var jobsSubmitted = 0
  package var droppedEvents = 0
  /// Speculative attempts: second attempts at slow tasks.
  package var speculativeAttempts = 0
  package private(set) var jobs: [JobRecord.State: Int] = [:]
  /// By outcome: `success`, a kind of failure, `lost`.
  package private(set) var attempts: [String: Int] = [
    "success": 0, "transient": 0, "lost": 0, "cancelled": 0,
  ]
  /// Sums over attempts that succeeded.
  package private(set) var metrics = TaskMetrics()
  package private(set) var taskSeconds = SecondsHistogram(0.001, 0.01, 0.1, 0.5, 1, 5, 10, 30, 60, 300)
  package private(set) var jobSeconds = SecondsHistogram(1, 5, 10, 30, 60, 300, 600, 1800, 3600, 14400)
  package private(set) var stepSeconds: [String: SecondsHistogram] = [:]

  package mutating func add(_ attempt: AttemptRecord) {
    switch attempt.outcome {
    case .success(let metrics):
      attempts["success", default: 0] += 1
      self.metrics += metrics
      taskSeconds.add(Double(metrics.microseconds) / 1e6)
    case .failed(let failure): attempts[failure.kind, default: 0] += 1
    case .lost: attempts["lost", default: 0] += 1
    }
  }

  package mutating func addStep(_ type: String, seconds: Double) {
    stepSeconds[type, default: SecondsHistogram(1, 5, 10, 30, 60, 300, 600, 1800, 3600, 14400)].add(seconds)
  }

  package mutating func addJob(_ record: JobRecord) {
    jobs[record.state, default: 0] += 1
    if let started = record.started, let finished = record.finished {
      jobSeconds.add(finished.seconds(since: started))
    }
  }
}

/// A histogram of durations with fixed bounds, as Prometheus expects.
package struct SecondsHistogram: Sendable {
  package let limits: [Double]
  /// One more than the bounds: the last counts values above all of them. Not cumulative.
  package private(set) var counts: [Int]
  package private(set) var sum = 0.0

  package init(_ limits: Double...) {
    self.limits = limits
    counts = Array(repeating: 0, count: limits.count + 1)
  }

  package mutating func add(_ seconds: Double) {
    counts[limits.firstIndex { seconds <= $0 } ?? limits.count] += 1
    sum += seconds
  }
}
