import Basics
import Wire

/// A stage of a job as people see it: a stage that a step repeats (each iteration) is one group with rounds.
package struct StageGroup: Sendable {
  /// Some of its slowest attempts.
  package struct Slow: Hashable, Sendable {
    package let partition: Int
    package let attempt: Int
    package let worker: WorkerID
    package let microseconds: Int
    package let rows: Int
  }

  private static let slowLimit = 5

  package let step: Int
  package let name: String
  package let operatorName: String
  /// Indexes of the groups that it reads.
  package let upstream: [Int]
  package let feedsShuffle: Bool
  package private(set) var rounds = 0
  /// The current round, or the last one.
  package private(set) var numbers: StageNumbers
  package private(set) var isRunning = false
  package private(set) var started: Moment?
  package private(set) var ended: Moment?
  // Sums over earlier rounds.
  private var tasksBefore = 0
  private var failedBefore = 0
  private var speculativeBefore = 0
  private var secondsBefore = 0.0
  private var metricsBefore = TaskMetrics()

  package private(set) var lost = 0
  package private(set) var times = QuantileSketch()
  package private(set) var rows = QuantileSketch()
  package private(set) var bytes = QuantileSketch()
  package private(set) var shuffled = QuantileSketch()
  package private(set) var slowest: [Slow] = []

  package init(_ outline: PlannedStage, step: Int, upstream: [Int]) {
    self.step = step
    name = outline.name
    operatorName = outline.operatorName
    self.upstream = upstream
    feedsShuffle = outline.feedsShuffle
    numbers = StageNumbers(number: outline.number, tasks: 0)
  }

  package var tasks: Int { tasksBefore + numbers.tasks }
  package var done: Int { tasksBefore + numbers.done }
  package var failed: Int { failedBefore + numbers.failedAttempts }
  package var speculativeAttempts: Int { speculativeBefore + numbers.speculativeAttempts }
  package var seconds: Double { secondsBefore + numbers.seconds }

  package var metrics: TaskMetrics {
    var sum = metricsBefore
    sum += numbers.metrics
    return sum
  }

  /// Ratio of the slowest task to the median; nil if there are too few tasks.
  package var skew: Double? {
    guard times.count >= 4, let median = times.quantile(0.5), median > 0 else { return nil }
    return Double(times.largest) / Double(median)
  }

  package mutating func begin(_ outline: PlannedStage) {
    if rounds > 0 {
      // A round that ended early counts with its finished tasks.
      tasksBefore += numbers.done
      failedBefore += numbers.failedAttempts
      speculativeBefore += numbers.speculativeAttempts
      secondsBefore += numbers.seconds
      metricsBefore += numbers.metrics
    }
    rounds += 1
    isRunning = true
    numbers = StageNumbers(number: outline.number, tasks: outline.tasks)
  }

  package mutating func update(_ numbers: StageNumbers, isEnd: Bool, at now: Moment) {
    self.numbers = numbers
    isRunning = !isEnd && numbers.done < numbers.tasks
    if started == nil, numbers.running + numbers.done > 0 { started = now }
    if !isRunning { ended = now }
  }

  package mutating func add(_ attempt: AttemptRecord) {
    started = min(started ?? attempt.started, attempt.started)
    switch attempt.outcome {
    case .lost: lost += 1
    case .failed: break
    case .success(let metrics):
      times.add(metrics.microseconds)
      rows.add(metrics.rowsRead)
      bytes.add(metrics.bytesRead)
      shuffled.add(metrics.shuffledBytes)
      let slow = Slow(
        partition: attempt.partition, attempt: attempt.attempt, worker: attempt.worker,
        microseconds: metrics.microseconds, rows: metrics.rowsRead)
      guard slowest.count < StageGroup.slowLimit || slow.microseconds > slowest.last?.microseconds ?? 0 else {
        return
      }
      slowest.append(slow)
      slowest.sort { ($1.microseconds, $0.partition) < ($0.microseconds, $1.partition) }
      if slowest.count > StageGroup.slowLimit { slowest.removeLast() }
    }
  }
}
