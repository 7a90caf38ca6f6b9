import Engine
import Wire

/// A whole cluster on a virtual clock: the real scheduler, real worker runtimes, simulated links, threads and faults.
/// Everything that happens follows from the seed.
package final class Simulation {
  let seed: UInt64
  var dice: Dice
  let weather: Weather
  var timeline = Timeline()
  var scheduler: Scheduler
  var witness: Witness
  var processes: [SimProcess] = []
  var jobs: [SimJob] = []
  var connections: [WorkerID: SimConnection] = [:]
  var driverMail: [DriverMail] = []
  var isDriverAwake = false
  var isCalm = false
  var violations: [String] = []
  var counts = Counts()
  /// Reports that the driver has had, for replays.
  var history: [(WorkerID, TaskReport)] = []
  /// Failures that tasks were made to have.
  var transients: [TaskID: Int] = [:]
  var hasFatal: Set<JobID> = []

  /// The story of the run, kept only when it is asked for.
  let isRecording: Bool
  private(set) var story: [String] = []

  enum DriverMail {
    case frame(SimConnection, WorkerMessage)
    case closed(SimConnection)
    case event(SchedulerEvent)
  }

  /// What has happened, so that a test can see that faults did happen.
  struct Counts: Equatable {
    var kills = 0, cuts = 0, silences = 0, stalls = 0, drains = 0, joins = 0, cancels = 0, replays = 0
    var transients = 0, fatals = 0, lostOutputs = 0, spurious = 0
    var launches = 0, graphs = 0, failures = 0, goodbyes = 0, steps = 0

    static func += (a: inout Counts, b: Counts) {
      for path: WritableKeyPath<Counts, Int> in [
        \.kills, \.cuts, \.silences, \.stalls, \.drains, \.joins, \.cancels, \.replays, \.transients,
        \.fatals,
        \.lostOutputs, \.spurious, \.launches, \.graphs, \.failures, \.goodbyes, \.steps,
      ] { a[keyPath: path] += b[keyPath: path] }
    }
  }

  init(seed: UInt64, isRecording: Bool = false) {
    self.seed = seed
    self.isRecording = isRecording
    dice = Dice(seed: seed)
    weather = Weather(&dice)
    scheduler = Scheduler(config: weather.config)
    witness = Witness(maxPrefetch: weather.config.maxPrefetch)
    for index in 0..<weather.jobs {
      let graphs = (0..<dice.pick(1...3)).map { _ in SimGraph(&dice) }
      jobs.append(SimJob(id: JobID("j\(index)"), graphs: graphs))
    }
  }

  func tell(_ line: @autoclosure () -> String) {
    if isRecording { story.append("\(timeline.now) µs  \(line())") }
  }

  func fail(_ text: String) {
    violations.append(text)
    tell("VIOLATION \(text)")
  }

  /// Runs to the end.
  /// - Returns: Rules that were broken; the run stops at the first.
  func run() -> [String] {
    for _ in 0..<weather.processes { addProcess() }
    for job in jobs.indices { timeline.plan(.program(job), after: dice.pick(0...weather.horizon)) }
    for job in jobs.indices where dice.chance(weather.cancel) {
      timeline.plan(.cancel(job), after: dice.time(0...(2 * weather.horizon)))
    }
    for _ in 0..<weather.faults { timeline.plan(.fault, after: dice.pick(0...weather.horizon)) }
    timeline.plan(.calm, at: weather.horizon)
    timeline.plan(.driverTicks, after: 100_000)
    var endOfJobs: Int?
    while violations.isEmpty, let event = timeline.next() {
      counts.steps += 1
      step(event)
      if endOfJobs == nil, isCalm, jobs.allSatisfy(\.isOver) { endOfJobs = timeline.now }
      if let endOfJobs, timeline.now > endOfJobs + 45_000_000 { break }
      if timeline.now > weather.horizon + 900_000_000 {
        fail("not over: \(jobs.filter { !$0.isOver }.map(\.id))")
      }
    }
    if violations.isEmpty { checkNothingIsLeft() }
    counts.launches = witness.launches
    counts.lostOutputs = witness.lostOutputs
    return violations
  }

  private func step(_ event: SimEvent) {
    switch event {
    case .driverWakes: wakeDriver()
    case .driverTicks:
      wakeDriver()
      timeline.plan(.driverTicks, after: 100_000)
    case .workerWakes(let process): wakeWorker(processes[process])
    case .workerBeats(let process): beat(processes[process])
    case .toDriver(let connection, let message):
      guard !connection.isSilent else { return }
      mail(.frame(connection, message))
    case .toWorker(let connection, let message):
      let process = processes[connection.process]
      guard !connection.isSilent, connection.isOpenAtWorker, process.isAlive else { return }
      process.lastHeard = timeline.now
      post(.message(message), to: process)
    case .closedAtDriver(let connection): mail(.closed(connection))
    case .closedAtWorker(let connection): closeAtWorker(connection)
    case .connect(let process): connect(processes[process])
    case .fetch(let process, let attempt): fetch(attempt, on: processes[process])
    case .end(let process, let attempt): end(attempt, on: processes[process])
    case .program(let job): continueProgram(job)
    case .cancel(let job): cancel(job)
    case .fault: happen()
    case .calm:
      isCalm = true
      tell("calm from here on")
      addProcess()
    }
  }

  private func checkNothingIsLeft() {
    let held = scheduler.held
    if held != (0, 0, 0) { fail("the scheduler is left with \(held) jobs, attempts and stages") }
    for process in processes where process.isAlive {
      if process.isDraining { fail("\(process.endpoint) wants to leave and still is there") }
      if process.connection == nil { fail("\(process.endpoint) has not come back") }
      let held = process.runtime.held
      if held != (0, 0, 0) { fail("\(process.endpoint) is left with \(held) waiting, running and stages") }
      if !process.store.isEmpty {
        fail("\(process.endpoint) is left with blocks of \(process.store.keys.sorted())")
      }
      if !process.cache.isEmpty {
        fail("\(process.endpoint) is left with a cache of \(process.cache.map(\.job))")
      }
    }
    let present = processes.count { $0.isAlive }
    if scheduler.workerCount != present { fail("\(scheduler.workerCount) workers known, \(present) there") }
  }
}
