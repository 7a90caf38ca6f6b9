import Wire

/// How far one stage of a running job is.
package struct StageProgress: Hashable, Sendable {
  /// Index of the step in the job.
  package var step: Int
  /// Number of the stage; grows over the life of the job.
  package var stage: Int
  /// For people: "read and aggregate".
  package var name: String
  package var tasks: Int
  package var running: Int
  package var done: Int
  /// Attempts that failed or were lost with their worker; each was tried again while the job lives.
  package var failedAttempts: Int
  /// Sums over finished and running attempts.
  package var metrics: TaskMetrics
  /// Since the stage began; stands still once it is done.
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
  /// Complete for a person: what went wrong, where, what to do.
  case failed(String)
  case cancelled
}

/// What a client is told of its job, in the order in which it happened.
package enum JobEvent: Sendable {
  /// The first event: the driver has the job and gave it this id.
  case accepted(JobID)
  case stepStarted(index: Int, type: String, name: String)
  /// The stages that changed since the last one of these; at most some ten a second.
  case progress([StageProgress])
  /// What the running step says about itself: `iteration 12, cost 1.93e6`.
  case status(String)
  /// Worth keeping for the summary: a worker was lost, a task is tried again.
  case notice(String)
  case stepFinished(index: Int, seconds: Double, report: StepReport)
  /// The last event.
  case finished(JobOutcome)
}

/// Where jobs are sent: an engine inside this process, or a driver over the network.
package protocol JobClient: Sendable {
  /// Sends a job and returns as soon as it is on its way.
  /// - Parameters:
  ///   - job: A ``ResolvedJob`` as JSON text.
  ///   - name: Shown to people, and the beginning of the job's id.
  ///   - force: Run steps whose output is complete already.
  ///   - onEvent: Called from one thread at a time, never from within `submit`'s caller; must not block.
  /// - Throws: What keeps the job from being sent: no driver there, a wrong secret.
  func submit(
    _ job: String, name: String, force: Bool, onEvent: @escaping @Sendable (JobEvent) -> Void
  ) throws -> any JobHandle
}

/// One submitted job.
package protocol JobHandle: Sendable {
  /// Asks the job to stop; returns at once, may be called from any thread and more than once.
  func cancel()

  /// Blocks until the job has ended and its last event was delivered. Losing the driver is a failure that says so.
  func wait() -> JobOutcome
}
