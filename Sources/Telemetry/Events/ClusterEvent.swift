import Basics
import Engine
import Jobs
import Wire

/// An event on a driver, for pages, metrics and the event log. Derived from the scheduler's inputs and decisions
/// (``EventTap``) and from the jobs' events. Nothing is decided by it.
package struct ClusterEvent: Sendable {
  package let at: Moment
  package let what: What

  package init(at: Moment, _ what: What) {
    self.at = at
    self.what = what
  }

  package enum What: Sendable {
    case driverStarted(name: String, version: String)
    case workerJoined(WorkerID, WorkerInfo)
    case workerLost(WorkerID, WorkerDeparture)
    case workerChanged(WorkerID, WorkerCondition)
    /// Several times per second; not logged.
    case workerLoads([WorkerLoad])
    case jobSubmitted(JobRecord)
    case jobStarted(JobID)
    /// All events but `accepted` and `progress`.
    case job(JobID, JobEvent)
    case graphStarted(JobID, step: Int, [PlannedStage])
    /// Several times per second while the graph runs; logged once, at its end.
    case stages(JobID, [StageNumbers], isEnd: Bool)
    case attemptEnded(AttemptRecord)
    /// The number of events dropped because they arrived faster than they could be processed.
    case dropped(Int)
  }
}

/// Whether a worker receives tasks.
package enum WorkerCondition: Hashable, Sendable {
  case ready
  /// No heartbeat for a while.
  case quiet
  case draining
  /// Excluded after failures.
  case excluded(until: Moment, reason: String)
}

package struct WorkerLoad: Hashable, Sendable {
  package let worker: WorkerID
  /// Attempts in its slots, and queued for them.
  package let running: Int
  package let queued: Int
  package let lastHeard: Moment
}

/// A planned stage.
package struct PlannedStage: Hashable, Sendable {
  /// Unique within the run of the job.
  package let number: Int
  package let name: String
  package let operatorName: String
  package let tasks: Int
  /// Numbers of the stages that it reads.
  package let upstream: [Int]
  /// Its output is shuffled.
  package let feedsShuffle: Bool

  package init(
    number: Int, name: String, operatorName: String, tasks: Int, upstream: [Int] = [],
    feedsShuffle: Bool = false
  ) {
    self.number = number
    self.name = name
    self.operatorName = operatorName
    self.tasks = tasks
    self.upstream = upstream
    self.feedsShuffle = feedsShuffle
  }
}

/// The progress of a stage: the scheduler's own numbers.
package struct StageNumbers: Hashable, Sendable {
  package let number: Int
  package let tasks: Int
  package let running: Int
  package let done: Int
  package let failedAttempts: Int
  /// Speculative attempts: second attempts at slow tasks.
  package let speculativeAttempts: Int
  package let metrics: TaskMetrics
  package let seconds: Double

  package init(_ stage: StageSnapshot) {
    number = stage.id.number
    tasks = stage.tasks
    running = stage.running
    done = stage.done
    failedAttempts = stage.failedAttempts
    speculativeAttempts = stage.speculativeAttempts
    metrics = stage.metrics
    seconds = stage.elapsed / .seconds(1)
  }

  package init(
    number: Int, tasks: Int, running: Int = 0, done: Int = 0, failedAttempts: Int = 0,
    speculativeAttempts: Int = 0, metrics: TaskMetrics = TaskMetrics(), seconds: Double = 0
  ) {
    self.number = number
    self.tasks = tasks
    self.running = running
    self.done = done
    self.failedAttempts = failedAttempts
    self.speculativeAttempts = speculativeAttempts
    self.metrics = metrics
    self.seconds = seconds
  }
}

/// A finished task attempt.
package struct AttemptRecord: Hashable, Sendable {
  package enum Outcome: Hashable, Sendable {
    case success(TaskMetrics)
    case failed(TaskFailure)
    /// With its worker.
    case lost
  }

  package let job: JobID
  package let stage: Int
  package let partition: Int
  package let attempt: Int
  package let worker: WorkerID
  /// When it started, as far as the driver knows.
  package let started: Moment
  package let ended: Moment
  package let outcome: Outcome

  package init(
    job: JobID, stage: Int, partition: Int, attempt: Int, worker: WorkerID, started: Moment, ended: Moment,
    outcome: Outcome
  ) {
    self.job = job
    self.stage = stage
    self.partition = partition
    self.attempt = attempt
    self.worker = worker
    self.started = started
    self.ended = ended
    self.outcome = outcome
  }
}

/// Receives events. Called from the driver's and the jobs' threads; must not block.
package protocol DriverObserver: Sendable {
  func observe(_ events: [ClusterEvent])
}
