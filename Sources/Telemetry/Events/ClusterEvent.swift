import Basics
import Engine
import Jobs
import Wire

/// What happens on a driver, as pages, metrics and the event log are told. Derived from what the scheduler takes and decides
/// (``EventTap``) and from what jobs tell; never asked for a decision.
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
    /// Some times a second; not in the log.
    case workerLoads([WorkerLoad])
    case jobSubmitted(JobRecord)
    case jobStarted(JobID)
    /// Everything but `accepted` and `progress`.
    case job(JobID, JobEvent)
    case graphStarted(JobID, step: Int, [StageOutline])
    /// Some times a second while the graph runs, and in the log once, at its end.
    case stages(JobID, [StageNumbers], isEnd: Bool)
    case attemptEnded(AttemptRecord)
    /// That many events were left out: they came faster than they could be taken.
    case dropped(Int)
  }
}

/// Whether a worker gets tasks.
package enum WorkerCondition: Hashable, Sendable {
  case ready
  /// Not heard of for a while.
  case quiet
  case draining
  /// Left out.
  case excluded(until: Moment, reason: String)
}

package struct WorkerLoad: Hashable, Sendable {
  package let worker: WorkerID
  /// Attempts in its slots, and behind them.
  package let running: Int
  package let queued: Int
  package let lastHeard: Moment
}

/// A stage as it was planned.
package struct StageOutline: Hashable, Sendable {
  /// Within the run of the job.
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

/// How far a stage is: the scheduler's own numbers.
package struct StageNumbers: Hashable, Sendable {
  package let number: Int
  package let tasks: Int
  package let running: Int
  package let done: Int
  package let failedAttempts: Int
  /// Second attempts at slow tasks.
  package let copies: Int
  package let metrics: TaskMetrics
  package let seconds: Double

  package init(_ stage: StageSnapshot) {
    number = stage.id.number
    tasks = stage.tasks
    running = stage.running
    done = stage.done
    failedAttempts = stage.failedAttempts
    copies = stage.copies
    metrics = stage.metrics
    seconds = stage.elapsed / .seconds(1)
  }

  package init(
    number: Int, tasks: Int, running: Int, done: Int, failedAttempts: Int, copies: Int, metrics: TaskMetrics,
    seconds: Double
  ) {
    self.number = number
    self.tasks = tasks
    self.running = running
    self.done = done
    self.failedAttempts = failedAttempts
    self.copies = copies
    self.metrics = metrics
    self.seconds = seconds
  }
}

/// A task attempt that has ended.
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
  /// When it began to run, as well as the driver knows.
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

/// Whoever is told. Called from the driver's and the jobs' threads; must not block.
package protocol DriverObserver: Sendable {
  func observe(_ events: [ClusterEvent])
}
