import Engine
import Wire

/// A whole cluster on a virtual clock: the real scheduler, real worker runtimes, and simulated links, threads, disks and
/// faults. The seed determines everything that happens.
package final class Simulation {
  package let seed: UInt64
  var dice: Dice
  let plan: FaultPlan
  var timeline = Timeline()
  var scheduler: Scheduler
  var checker: SchedulerChecker
  var processes: [SimProcess] = []
  var jobs: [SimJob] = []
  var connections: [WorkerID: SimConnection] = [:]
  var driverMail: [DriverMail] = []
  var isDriverAwake = false
  /// Whether the driver's process is stopped.
  var isDriverStopped = false
  var driverClock = AwakeClock(longestTurn: .seconds(1))
  /// When the driver was last resumed, in microseconds.
  var driverWentOnAt = 0
  var isCalm = false
  package private(set) var violations: [Violation] = []
  package var counts = Counts()
  /// Reports that the driver has received, for replays.
  var history: [(WorkerID, TaskReport)] = []
  var output = SimOutput()
  /// Workers that each task has killed.
  var killed: [TaskID: Int] = [:]

  /// Whether to keep a trace; only if requested.
  let isRecording: Bool
  package private(set) var trace = Trace()

  enum DriverMail {
    case frame(SimConnection, WorkerMessage)
    case closed(SimConnection)
    case event(SchedulerEvent)
  }

  package init(seed: UInt64, isRecording: Bool = false) {
    self.seed = seed
    self.isRecording = isRecording
    dice = Dice(seed: seed)
    plan = FaultPlan(&dice)
    scheduler = Scheduler(config: plan.config)
    checker = SchedulerChecker(config: plan.config)
    for index in 0..<plan.jobs {
      let graphs = (0..<dice.pick(1...3)).map { _ in
        SimGraph(
          &dice, poison: plan.poison, poisons: plan.poisons, maxPadding: plan.maxPadding)
      }
      jobs.append(SimJob(id: JobID("j\(index)"), graphs: graphs))
    }
  }

  func tell(_ who: String, _ text: @autoclosure () -> String, _ about: @autoclosure () -> [Subject] = []) {
    if isRecording { trace.add(timeline.now, who, text(), about()) }
  }

  func fail(_ violation: Violation) {
    violations.append(violation)
    tell("BROKEN", "\(violation.invariant.rawValue): \(violation.text)")
  }

  func fail(_ invariant: Invariant, _ text: String, _ about: [Subject] = []) {
    fail(Violation(invariant, text, about))
  }

  /// Runs the simulation to the end.
  /// - Returns: The broken rules; the run stops at the first step that breaks one.
  @discardableResult
  package func run() -> [Violation] {
    for _ in 0..<plan.processes { addProcess() }
    if plan.processes == 0 { counts[.noWorkers] += 1 }
    for job in jobs.indices { timeline.plan(.program(job), after: dice.pick(0...plan.horizon)) }
    for job in jobs.indices where dice.chance(plan.cancel) {
      timeline.plan(.cancel(job), after: dice.time(0...(2 * plan.horizon)))
    }
    for _ in 0..<plan.faults { timeline.plan(.fault, after: dice.pick(0...plan.horizon)) }
    timeline.plan(.calm, at: plan.horizon)
    timeline.plan(.driverTicks, after: 100_000)
    var endOfJobs: Int?
    while violations.isEmpty, let event = timeline.next() {
      counts.steps += 1
      step(event)
      if endOfJobs == nil, isCalm, jobs.allSatisfy(\.isOver) { endOfJobs = timeline.now }
      if let endOfJobs {
        if timeline.now > endOfJobs + 45_000_000 { break }
        if case .driverTicks = event, timeline.isIdle, whatIsLeft().isEmpty { break }
      }
      if timeline.now > plan.horizon + 900_000_000 {
        let waiting = jobs.filter { !$0.isOver }.map(\.id)
        fail(.jobEnds, "\(waiting) are not over", waiting.flatMap { checker.unfinished(of: $0) })
      }
    }
    if violations.isEmpty { for violation in whatIsLeft() { fail(violation) } }
    counts.launches = checker.launches
    counts[.lostOutput] = checker.lostOutputs
    counts[.copy] = checker.speculativeAttempts
    counts[.exclusion] = checker.exclusions
    return violations
  }

  private func step(_ event: SimEvent) {
    switch event {
    case .driverWakes: wakeDriver()
    case .driverGoesOn: letDriverGoOn()
    case .driverTicks:
      wakeDriver()
      timeline.plan(.driverTicks, after: 100_000)
    case .workerWakes(let process): wakeWorker(processes[process])
    case .workerBeats(let process): beat(processes[process])
    case .toDriver(let connection, let message):
      guard !connection.isSilent else { return }
      connection.upBytes -= message.reportBytes
      mail(.frame(connection, message))
    case .toWorker(let connection, let message): deliver(message, over: connection)
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
      tell("plan", "no more faults from here on")
      letDriverGoOn()
      for process in processes {
        (process.diskIsFullUntil, process.diskIsSlowUntil) = (0, 0)
        (process.isUnreachableUntil, process.cannotReachUntil) = (0, 0)
      }
      addProcess()
    }
  }

  /// Checks that nothing is left anywhere once all jobs are over.
  private func whatIsLeft() -> [Violation] {
    var left: [Violation] = []
    let held = scheduler.held
    if held != (0, 0, 0) {
      left.append(
        Violation(.memory, "the scheduler is left with \(held) jobs, attempts and stages", checker.leftovers))
    }
    for process in processes where process.isAlive {
      let (name, about) = (process.endpoint, [Subject.process(process.index)])
      if process.isDraining {
        left.append(Violation(.drain, "\(name) wants to leave and still is there", about))
      }
      if process.connection == nil { left.append(Violation(.silence, "\(name) has not come back", about)) }
      let held = process.runtime.held
      if held != (0, 0, 0) {
        left.append(
          Violation(.memory, "\(name) is left with \(held) attempts waiting, running and stages", about))
      }
      if !process.store.isEmpty {
        let stages = process.store.keys.sorted()
        left.append(
          Violation(.memory, "\(name) is left with blocks of \(stages)", about + stages.map { .stage($0) }))
      }
      if !process.cache.isEmpty {
        let jobs = Set(process.cache.map(\.job)).sorted { $0.name < $1.name }
        left.append(
          Violation(.memory, "\(name) is left with a cache of \(jobs)", about + jobs.map { .job($0) }))
      }
    }
    let present = processes.count { $0.isAlive }
    if scheduler.workerCount != present {
      left.append(Violation(.silence, "\(scheduler.workerCount) workers known, \(present) there"))
    }
    return left
  }
}
