import Engine

/// The fault rates of a simulated run, drawn from its seed. Many runs are calm in most respects.
struct FaultPlan {
  let config: SchedulerConfig
  let processes: Int
  let jobs: Int
  let faults: Int
  /// The time, in microseconds, until which faults happen.
  let horizon: Int
  let taskTime: ClosedRange<Int>
  let transient: Double
  let fatal: Double
  let spuriousCancel: Double
  let slowTask: Double
  let cancel: Double
  /// Probability that a report arrives again, possibly after its worker was given up.
  let replay: Double
  /// Probability that a message to a worker arrives twice.
  let duplicate: Double
  /// Probability that an attempt at the last stage cannot commit its output.
  let commitFailure: Double
  /// Probability that the driver cannot publish a job's output.
  let publishFailure: Double
  /// Probability that a graph has tasks that end every process they run in.
  let poison: Double
  /// The maximum number of such tasks in a graph.
  let poisons: Int
  /// The maximum number of bytes added to parameters, inputs and results.
  let maxPadding: Int

  init(_ dice: inout Dice) {
    var config = SchedulerConfig()
    config.localityWait = .milliseconds(dice.pick(0...3000))
    config.workerTimeout = .seconds(dice.pick(3...10))
    config.noWorkerTimeout = .milliseconds(dice.pick(500...30_000))
    config.drainTimeout = .seconds(dice.pick(1...30))
    config.prefetch = .milliseconds(dice.pick(0...10))
    config.maxPrefetch = dice.pick(0...16)
    config.quietAfter = .milliseconds(dice.pick(1500...2900))
    config.speculation.isOn = dice.chance(0.8)
    config.speculation.quantile = dice.chance(0.5) ? 0.75 : 0.3
    config.speculation.minimum = .milliseconds(dice.pick(20...500))
    config.exclusion.isOn = dice.chance(0.8)
    config.exclusion.time = .seconds(dice.pick(1...20))
    config.exclusion.window = .seconds(dice.pick(1...60))
    // Uses separate dice, so that everything else stays the same for each seed. A result has 9 bytes here.
    var copy = dice
    var apart = Dice(seed: copy.next())
    config.maxResultBytes = apart.chance(0.03) ? apart.pick(0...80) : 1 << 20
    if apart.chance(0.15) {
      config.messages.part = apart.pick(250...500)
      config.messages.batch = apart.pick(0...1000)
      config.messages.unsent = apart.pick(100...1000)
      maxPadding = 600
    } else {
      maxPadding = 0
    }
    self.config = config
    // Occasionally jobs exist before any worker.
    processes = dice.chance(0.1) ? 0 : dice.pick(1...4)
    let isPlague = dice.chance(0.05)
    jobs = dice.pick(isPlague ? 2...4 : 1...4)
    let isRough = dice.chance(0.85)
    faults = isRough ? dice.pick(0...8) : 0
    horizon = dice.element(of: [200_000, 2_000_000, 10_000_000]) ?? 0
    taskTime = dice.element(of: [100...2000, 1000...50_000, 100...400_000]) ?? 1...1
    transient = isRough && dice.chance(0.5) ? 0.15 : 0
    fatal = isRough && dice.chance(0.1) ? 0.02 : 0
    spuriousCancel = isRough && dice.chance(0.1) ? 0.02 : 0
    slowTask = dice.chance(0.3) ? 0.03 : 0
    cancel = dice.chance(0.3) ? 0.5 : 0
    replay = isRough && dice.chance(0.5) ? 0.2 : 0
    duplicate = isRough && dice.chance(0.2) ? 0.1 : 0
    commitFailure = isRough && dice.chance(0.2) ? 0.2 : 0
    publishFailure = isRough && dice.chance(0.1) ? 0.3 : 0
    poison = isPlague ? 0.9 : isRough && dice.chance(0.1) ? 0.3 : 0
    poisons = isPlague ? dice.pick(1...3) : 1
  }
}
