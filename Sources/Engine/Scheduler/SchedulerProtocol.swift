import Wire

/// Limits and waits of the scheduler.
package struct SchedulerConfig: Hashable, Sendable {
  /// Attempts at one task before its job fails. Attempts that a lost worker or a lost map output ended do not count.
  package var maxAttempts = 4
  /// Times that one task may find a map output lost before its job fails.
  package var maxLostInputs = 20
  /// How long a task waits for a slot of the worker that caches its input before any other worker may have it.
  package var localityWait: Duration = .seconds(3)
  /// Silence after which a worker counts as lost. Workers say something every second; so one that is cut off is noticed
  /// within ten, with time to spare for a machine that is busy.
  package var workerTimeout: Duration = .seconds(8)
  /// How long jobs wait for a worker while there is none.
  package var noWorkerTimeout: Duration = .seconds(60)
  /// How long a draining worker may hold map outputs before they are made again elsewhere.
  package var drainTimeout: Duration = .seconds(30)
  /// Work queued on a worker beyond its slots, so that short tasks never wait for a round trip to the driver.
  package var prefetch: Duration = .milliseconds(10)
  /// Most attempts queued on a worker beyond its slots.
  package var maxPrefetch = 256
  package var speculation = Speculation()
  package var exclusion = ExclusionLimits()
  /// Silence after which a worker gets no tasks, and those that it has may run elsewhere too; shorter than `workerTimeout`,
  /// longer than some heartbeats.
  package var quietAfter: Duration = .seconds(3)
  /// Workers that may die while they run one task before its job fails.
  package var maxKilledWorkers = 3
  /// Bytes that the results of a graph may have together: the driver keeps them in memory until its end.
  package var maxResultBytes = 1 << 30
  /// Sizes of messages and of what waits for a worker.
  package var messages = MessageLimits()

  package init() {}

  /// When a task that runs gets a second attempt on another worker that has nothing better to do.
  package struct Speculation: Hashable, Sendable {
    package var isOn = true
    /// Share of a stage's tasks that must be done.
    package var quantile = 0.75
    /// Times the median of the done tasks' times that it must have run.
    package var multiplier = 1.5
    /// Shortest time that it must have run, or waited behind a slot.
    package var minimum: Duration = .milliseconds(200)
  }

  /// When a worker is left out for a while.
  package struct ExclusionLimits: Hashable, Sendable {
    package var isOn = true
    /// Tasks that must have failed on it within the window beyond as many as failed on all other workers together.
    package var failedTasks = 3
    /// Map outputs that another worker could not fetch from it within the window.
    package var lostOutputs = 2
    package var window: Duration = .seconds(60)
    package var time: Duration = .seconds(60)
  }
}

/// What happens to the scheduler. `Duration`s are times since the driver's start.
package enum SchedulerEvent: Sendable {
  case workerJoined(WorkerID, WorkerInfo)
  /// The one path for a lost worker, whatever the cause.
  case workerLost(WorkerID, WorkerDeparture)
  case message(WorkerID, WorkerMessage)
  /// Bytes of an incomplete message arrived: the worker is alive.
  case heard(WorkerID)
  /// Bytes still waiting for the worker; answers ``Scheduler/workersWithFullQueues``.
  case unsent(WorkerID, bytes: Int)
  case submit(JobID, StageGraph)
  /// The job's present graph fails, with this message.
  case fail(JobID, String)
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
  case disconnect(WorkerID, WorkerDeparture)
  /// A graph has ended; the stages are as they were then.
  case finished(JobID, Result<[TaskResult], JobFailure>, [StageSnapshot])
  /// Something that the job's owner should be told: a retry, a lost worker.
  case notice(JobID, String)
}
