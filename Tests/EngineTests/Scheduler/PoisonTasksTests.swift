import Engine
import Testing
import Wire

/// Tasks that kill workers beside each other and beside innocent ones.
@Suite struct PoisonTasksTests {
  /// Each one's deaths would speak for the others, if those of suspects did.
  @Test(arguments: [1, 2, 3]) func severalInSeveralJobsAreEachFoundGuilty(slots: Int) {
    let jobs = ["a", "b", "c", "d"].map { JobID($0) }
    let killers = Set(jobs.map { attempt(0, 1, of: $0).task })
    var cluster = Cluster(workers: 4, slots: slots, killers: killers)
    for job in jobs { cluster.submit(.flat(3), of: job) }
    cluster.play()
    #expect(Set(cluster.guilty) == killers)
    #expect(cluster.killed.values.allSatisfy { (3...5).contains($0) }, "\(cluster.killed)")
    #expect(cluster.rig.scheduler.workerCount == 4)
  }

  /// They come one after the other for as long as they like: the first is not saved by the others.
  @Test func aNewOneDoesNotSpeakForTheOldOnes() {
    var cluster = Cluster(workers: 2, slots: 2, killers: [])
    for number in 0..<20 {
      let job = JobID("j\(number)")
      cluster.killers.insert(attempt(0, 0, of: job).task)
      cluster.submit(.flat(2), of: job)
      for _ in 0..<3 { cluster.step() }
    }
    cluster.play()
    #expect(cluster.guilty.count == 20)
    #expect(cluster.killed.values.allSatisfy { $0 <= 6 }, "\(cluster.killed)")
  }

  /// Two of a job, beside each other: one is enough for its end.
  @Test func twoOfAJobEndIt() {
    var cluster = Cluster(workers: 3, slots: 4, killers: [attempt(0, 0).task, attempt(0, 3).task])
    cluster.submit(.flat(6))
    cluster.play()
    #expect(cluster.guilty.count == 1 && cluster.killed.values.reduce(0, +) <= 8, "\(cluster.killed)")
  }

  /// It was beside a suspect both times: these deaths do not count against it as long as the other one is not proven innocent, so
  /// that a death from outside makes no innocent task guilty.
  @Test func whatAnotherSuspectWasAtDoesNotCount() {
    var rig = SchedulerRig(workers: [2])
    rig.submit(.flat(2))
    for number in 2...3 {
      rig.lose(number - 1)
      rig.join(number, slots: 2)
    }
    #expect(rig.launched.count == 1, "both are suspects: one after the other")
    rig.lose(3)
    rig.join(4, slots: 2)
    #expect(rig.failure == nil, "three deaths, two of them perhaps by the other one")
    let tried = rig.launched[0]
    rig.succeed(tried, on: 4)
    #expect(rig.launched.count == 1 && rig.launched[0].task != tried.task)
    rig.lose(4)
    #expect(rig.failure != nil, "three deaths, and nobody else is left who may be the cause")
  }

  /// The deaths of a guilty task accuse nobody else: what was beside it runs beside others again.
  @Test func aGuiltyTaskExplainsItsDeaths() {
    let (innocent, killer) = (attempt(0, 0, of: .a).task, attempt(0, 0, of: .b).task)
    var rig = SchedulerRig(workers: [2])
    rig.submit(.flat(1), of: .a)
    rig.submit(.flat(1), of: .b)
    rig.lose(1)
    rig.join(2, slots: 2)
    rig.lose(2)
    rig.join(3, slots: 2)
    #expect(rig.launched.count == 1, "both are suspects")
    // Half of the workers may be taken for tasks that run alone.
    for number in 4...6 { rig.join(number, slots: 2) }
    for number in 7...9 {
      #expect(rig.failure == nil)
      rig.lose(rig.lastWorker[killer] ?? 0)
      if rig.failure == nil { rig.join(number, slots: 2) }
    }
    #expect(rig.failure != nil)
    rig.submit(.flat(rig.scheduler.workerCount - 1), of: JobID("c"))
    #expect(Set(rig.batches.map(\.worker)).count == rig.scheduler.workerCount - 1)
    rig.lose(rig.lastWorker[innocent] ?? 0)
    #expect(rig.launched.map(\.task) == [innocent], "no worker is empty: it runs beside others")
  }

  /// A worker that others cannot fetch from loses its tasks before the driver knows that it died of one of them.
  @Test func whatWasTakenFromADeadWorkerIsAccusedToo() {
    var rig = SchedulerRig(workers: [1]) { $0.maxKilledWorkers = 1 }
    rig.submit(.chain(2, 3))
    rig.succeed(attempt(0, 0), on: 1)
    rig.join(2, slots: 2)
    rig.succeed(attempt(0, 1), on: 1)
    let guilty = rig.launched(1)
    let readers = rig.launched(2)
    #expect(guilty.count == 1 && readers.count == 2)
    rig.send(
      .reports(
        readers.enumerated().map { map, reader in
          TaskReport(
            attempt: reader, outcome: .failure(.lostMapOutput(attempt(0, map), message: "no answer")))
        }), from: 2)
    #expect(rig.messages(1).contains(.cancel(guilty)))
    rig.lose(1)
    guard case .poisonTask(let task) = rig.failure else { return #expect(Bool(false), "nobody is guilty") }
    #expect(task.stage == "s1" && task.partition == guilty.first?.task.partition)
  }
}

/// Workers that die of certain tasks as soon as those have a slot, and do all others.
private struct Cluster {
  var rig: SchedulerRig
  var killers: Set<TaskID>
  private let slots: Int
  private var held: [Int: [TaskAttemptID]] = [:]
  private var workers: Int
  /// In the only stage of their graphs.
  private(set) var guilty: [TaskID] = []
  private(set) var killed: [TaskID: Int] = [:]

  init(workers: Int, slots: Int, killers: Set<TaskID>) {
    rig = SchedulerRig(workers: Array(repeating: slots, count: workers))
    self.killers = killers
    self.slots = slots
    self.workers = workers
  }

  mutating func submit(_ graph: StageGraph, of job: JobID = .a) {
    rig.submit(graph, of: job)
    note()
  }

  /// Until nothing is left to do.
  mutating func play() {
    for _ in 0..<1000 where !step() { return }
    Issue.record("no end: \(killed)")
  }

  /// - Returns: False if nothing is left to do.
  @discardableResult mutating func step() -> Bool {
    if let (worker, killer) = nextDeath() {
      die(worker, of: killer)
    } else if let (worker, attempt) = nextSuccess() {
      held[worker]?.removeAll { $0 == attempt }
      rig.succeed(attempt, on: worker)
      note()
    } else {
      return false
    }
    return true
  }

  private func nextDeath() -> (Int, TaskID)? {
    for (worker, attempts) in held.sorted(by: { $0.key < $1.key }) {
      if let killer = attempts.prefix(slots).first(where: { killers.contains($0.task) }) {
        return (worker, killer.task)
      }
    }
    return nil
  }

  private func nextSuccess() -> (Int, TaskAttemptID)? {
    held.filter { !$0.value.isEmpty }.min { $0.key < $1.key }.map { ($0.key, $0.value[0]) }
  }

  private mutating func die(_ worker: Int, of killer: TaskID) {
    killed[killer, default: 0] += 1
    held[worker] = nil
    rig.lose(worker)
    note()
    workers += 1
    rig.join(workers, slots: slots)
    note()
  }

  /// Takes in what the last batch did; what is cancelled stops at once.
  private mutating func note() {
    for (worker, batch) in rig.batches { held[worker, default: []] += batch.tasks.map(\.attempt) }
    var stopped: [(worker: Int, attempts: [TaskAttemptID])] = []
    for action in rig.actions {
      switch action {
      case .send(let worker, .cancel(let attempts)): stopped.append((worker.number, attempts))
      case .finished(let job, .failure(.poisonTask(let task)), _):
        guilty.append(TaskID(stage: StageID(job: job, number: 0), partition: task.partition))
      default: break
      }
    }
    for (worker, attempts) in stopped {
      for attempt in attempts where held[worker]?.contains(attempt) == true {
        held[worker]?.removeAll { $0 == attempt }
        rig.fail(attempt, .cancelled, on: worker)
        note()
      }
    }
  }
}
