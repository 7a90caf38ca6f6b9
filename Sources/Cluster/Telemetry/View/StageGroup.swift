import Wire

/// A stage of a job as people see it: a stage that a step runs again and again (an iteration's) is one, with rounds.
struct StageGroup: Sendable {
  /// What a few of its slowest attempts were.
  struct Slow: Hashable, Sendable {
    let partition: Int
    let attempt: Int
    let worker: WorkerID
    let microseconds: Int
    let rows: Int
  }

  private static let slowLimit = 5

  let step: Int
  let name: String
  let operatorName: String
  /// Indexes of the groups that it reads.
  let upstream: [Int]
  let feedsShuffle: Bool
  private(set) var rounds = 0
  /// Of the present round, or the last one.
  private(set) var numbers: StageNumbers
  private(set) var isRunning = false
  private(set) var started: Moment?
  private(set) var ended: Moment?
  // Sums over the rounds before.
  private var tasksBefore = 0
  private var failedBefore = 0
  private var copiesBefore = 0
  private var secondsBefore = 0.0
  private var metricsBefore = TaskMetrics()

  private(set) var lost = 0
  private(set) var times = QuantileSketch()
  private(set) var rows = QuantileSketch()
  private(set) var bytes = QuantileSketch()
  private(set) var shuffled = QuantileSketch()
  private(set) var slowest: [Slow] = []

  init(_ outline: StageOutline, step: Int, upstream: [Int]) {
    self.step = step
    name = outline.name
    operatorName = outline.operatorName
    self.upstream = upstream
    feedsShuffle = outline.feedsShuffle
    numbers = StageNumbers(
      number: outline.number, tasks: 0, running: 0, done: 0, failedAttempts: 0, copies: 0,
      metrics: TaskMetrics(), seconds: 0)
  }

  var tasks: Int { tasksBefore + numbers.tasks }
  var done: Int { tasksBefore + numbers.done }
  var failed: Int { failedBefore + numbers.failedAttempts }
  var copies: Int { copiesBefore + numbers.copies }
  var seconds: Double { secondsBefore + numbers.seconds }

  var metrics: TaskMetrics {
    var sum = metricsBefore
    sum += numbers.metrics
    return sum
  }

  /// How much longer the slowest task took than most; nil where there are too few to tell.
  var skew: Double? {
    guard times.count >= 4, let median = times.quantile(0.5), median > 0 else { return nil }
    return Double(times.largest) / Double(median)
  }

  mutating func begin(_ outline: StageOutline) {
    if rounds > 0 {
      // A round that ended early counts with what was done.
      tasksBefore += numbers.done
      failedBefore += numbers.failedAttempts
      copiesBefore += numbers.copies
      secondsBefore += numbers.seconds
      metricsBefore += numbers.metrics
    }
    rounds += 1
    isRunning = true
    numbers = StageNumbers(
      number: outline.number, tasks: outline.tasks, running: 0, done: 0, failedAttempts: 0, copies: 0,
      metrics: TaskMetrics(), seconds: 0)
  }

  mutating func update(_ numbers: StageNumbers, isEnd: Bool, at now: Moment) {
    self.numbers = numbers
    isRunning = !isEnd && numbers.done < numbers.tasks
    if started == nil, numbers.running + numbers.done > 0 { started = now }
    if !isRunning { ended = now }
  }

  mutating func add(_ attempt: AttemptRecord) {
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
