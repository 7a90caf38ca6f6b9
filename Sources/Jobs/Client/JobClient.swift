import Wire

/// The progress of one stage of a running job.
package struct StageProgress: Hashable, Sendable {
  /// Index of the step in the job.
  package var step: Int
  /// Number of the stage, increasing over the life of the job.
  package var stage: Int
  /// For people: "read and aggregate".
  package var name: String
  package var tasks: Int
  package var running: Int
  package var done: Int
  /// Attempts that failed or were lost with their worker. Each was retried while the job ran.
  package var failedAttempts: Int
  /// Sums over finished and running attempts.
  package var metrics: TaskMetrics
  /// Since the stage started; constant once it is done.
  package var elapsedSeconds: Double
  package var isDone: Bool

  package init(
    step: Int, stage: Int, name: String, tasks: Int, running: Int = 0, done: Int = 0, failedAttempts: Int = 0,
    metrics: TaskMetrics = TaskMetrics(), elapsedSeconds: Double = 0, isDone: Bool = false
  ) {
    self.step = step
    self.stage = stage
    self.name = name
    self.tasks = tasks
    self.running = running
    self.done = done
    self.failedAttempts = failedAttempts
    self.metrics = metrics
    self.elapsedSeconds = elapsedSeconds
    self.isDone = isDone
  }
}

/// How a job ended.
package enum JobOutcome: Hashable, Sendable {
  case done
  /// A complete message for the user: what went wrong, where, and what to do.
  case failed(String)
  case cancelled
}

/// An event of a job as its client receives it, in order.
package enum JobEvent: Sendable {
  /// The first event: the driver accepted the job under this id.
  case accepted(JobID)
  case stepStarted(index: Int, type: String, name: String)
  /// The stages that changed since the last such event; at most about ten per second.
  case progress([StageProgress])
  /// What the running step is doing: `iteration 12, cost 1.93e6`.
  case status(String)
  /// For the summary: a worker was lost, a task is retried.
  case notice(String)
  case stepFinished(index: Int, seconds: Double, report: StepReport)
  /// The last event.
  case finished(JobOutcome)
}

/// Sends jobs to an engine in this process or to a driver over the network.
package protocol JobClient: Sendable {
  /// Sends a job and returns without waiting for it.
  /// - Parameters:
  ///   - job: A ``ResolvedJob`` as JSON text.
  ///   - name: Shown to people; the job's id starts with it.
  ///   - force: Run steps even if their output is up to date.
  ///   - onEvent: Called from one thread at a time, never on the caller's thread; must not block.
  /// - Throws: Why the job could not be sent: driver not reachable, wrong secret.
  func submit(
    _ job: String, name: String, force: Bool, onEvent: @escaping @Sendable (JobEvent) -> Void
  ) throws -> any JobHandle
}

/// One submitted job.
package protocol JobHandle: Sendable {
  /// Asks the job to stop. Returns at once; can be called from any thread and repeatedly.
  func cancel()

  /// Blocks until the job has ended and its last event was delivered. Losing the driver is a failure with a message that says so.
  func wait() -> JobOutcome
}
