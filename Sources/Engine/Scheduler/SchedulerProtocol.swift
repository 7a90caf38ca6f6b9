import Wire

/// Limits and waits of the scheduler.
package struct SchedulerConfig: Hashable, Sendable {
  /// Attempts at one task before its job fails. Attempts that a lost worker or a lost map output ended do not count.
  package var maxAttempts = 4
  /// Times that one task may find a map output lost before its job fails.
  package var maxLostInputs = 20
  /// How long a task waits for a slot of the worker that caches its input before any other worker may have it.
  package var localityWait: Duration = .seconds(3)
  /// Silence after which a worker counts as lost.
  package var workerTimeout: Duration = .seconds(10)
  /// How long jobs wait for a worker while there is none.
  package var noWorkerTimeout: Duration = .seconds(60)
  /// How long a draining worker may hold map outputs before they are made again elsewhere.
  package var drainTimeout: Duration = .seconds(30)
  /// Work queued on a worker beyond its slots, so that short tasks never wait for a round trip to the driver.
  package var prefetch: Duration = .milliseconds(10)
  /// Most attempts queued on a worker beyond its slots.
  package var maxPrefetch = 256

  package init() {}
}

/// What happens to the scheduler. `Duration`s are times since the driver's start.
package enum SchedulerEvent: Sendable {
  case workerJoined(WorkerID, WorkerInfo)
  /// The one path for a lost worker, whatever the cause.
  case workerLost(WorkerID, reason: String)
  case message(WorkerID, WorkerMessage)
  case submit(JobID, StageGraph)
  /// The job's present graph and all later ones end as cancelled.
  case cancel(JobID)
  case dropCache(JobID, prefix: String)
  /// The job is over: forget it.
  case release(JobID)
  /// Time has passed.
  case tick
}

/// What the scheduler wants done, in order.
package enum SchedulerAction: Sendable {
  case send(WorkerID, DriverMessage)
  /// Close the connection of a worker that is lost or may leave.
  case disconnect(WorkerID, reason: String)
  /// A graph has ended; the stages are as they were then.
  case finished(JobID, Result<[TaskResult], JobFailure>, [StageSnapshot])
  /// Something that the job's owner should be told: a retry, a lost worker.
  case notice(JobID, String)
}
