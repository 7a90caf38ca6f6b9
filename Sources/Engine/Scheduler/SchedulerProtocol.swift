import Wire

/// Limits and timeouts of the scheduler.
package struct SchedulerConfig: Hashable, Sendable {
  /// Attempts per task before its job fails. Attempts that ended because of a lost worker or lost map output do not count.
  package var maxAttempts = 4
  /// How often one task may find a map output lost before its job fails.
  package var maxLostInputs = 20
  /// How long a task waits for a slot on the worker that caches its input before any other worker may take it.
  package var localityWait: Duration = .seconds(3)
  /// Silence after which a worker counts as lost. Workers send something every second, so a disconnected worker is noticed
  /// within ten seconds, with slack for a busy machine.
  package var workerTimeout: Duration = .seconds(8)
  /// How long jobs wait when there are no workers.
  package var noWorkerTimeout: Duration = .seconds(60)
  /// How long a draining worker may keep its map outputs before they are recomputed elsewhere.
  package var drainTimeout: Duration = .seconds(30)
  /// Work queued on a worker behind its slots, so that short tasks never wait for a round trip to the driver.
  package var prefetch: Duration = .milliseconds(10)
  /// Maximum number of attempts queued on a worker behind its slots.
  package var maxPrefetch = 256
  package var speculation = Speculation()
  package var exclusion = ExclusionLimits()
  /// Silence after which a worker gets no new tasks, and its current tasks may get speculative attempts elsewhere. Shorter than
  /// `workerTimeout`, longer than several heartbeat intervals.
  package var quietAfter: Duration = .seconds(3)
  /// How many workers may die while running one task before its job fails.
  package var maxKilledWorkers = 3
  /// Maximum total bytes of a graph's results. The driver keeps them in memory until the graph ends.
  package var maxResultBytes = 1 << 30
  /// Limits on message sizes and on bytes queued for a worker.
  package var messages = MessageLimits()

  package init() {}

  /// When a running task gets a speculative attempt on an otherwise idle worker.
  package struct Speculation: Hashable, Sendable {
    package var isOn = true
    /// Share of a stage's tasks that must be done first.
    package var quantile = 0.75
    /// A task is slow if it has run longer than this multiple of the median time of done tasks.
    package var multiplier = 1.5
    /// Minimum time that an attempt must have run, or waited behind a slot.
    package var minimum: Duration = .milliseconds(200)
  }

  /// When a worker is temporarily excluded.
  package struct ExclusionLimits: Hashable, Sendable {
    package var isOn = true
    /// A worker is excluded when its task failures within the window exceed those of all other workers together by this number.
    package var failedTasks = 3
    /// Number of map outputs that another worker could not fetch from it within the window.
    package var lostOutputs = 2
    package var window: Duration = .seconds(60)
    package var time: Duration = .seconds(60)
  }
}

/// An input to the scheduler. `Duration`s are times since the driver's start.
package enum SchedulerEvent: Sendable {
  case workerJoined(WorkerID, WorkerInfo)
  /// A lost worker, whatever the cause. The only path for this.
  case workerLost(WorkerID, WorkerDeparture)
  case message(WorkerID, WorkerMessage)
  /// Bytes of an incomplete message arrived, so the worker is alive.
  case heard(WorkerID)
  /// Bytes still unsent to the worker; answers ``Scheduler/workersWithFullQueues``.
  case unsent(WorkerID, bytes: Int)
  case submit(JobID, StageGraph)
  /// The job's current graph fails with this message.
  case fail(JobID, String)
  /// The job's current graph and all later ones end as cancelled.
  case cancel(JobID)
  case dropCache(JobID, prefix: String)
  /// The job is over and can be forgotten.
  case release(JobID)
  /// Time has passed.
  case tick
}

/// An action for the shell to carry out, in order.
package enum SchedulerAction: Sendable {
  case send(WorkerID, DriverMessage)
  /// Closes the connection of a worker that is lost or may leave.
  case disconnect(WorkerID, WorkerDeparture)
  /// A graph has ended, with the final state of its stages.
  case finished(JobID, Result<[TaskResult], JobFailure>, [StageSnapshot])
  /// Something to tell the job's owner: a retry, a lost worker.
  case notice(JobID, String)
}
