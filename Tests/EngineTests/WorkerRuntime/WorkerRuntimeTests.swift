import Engine
import Testing
import Wire

/// A worker's runtime under test; keeps what the last event did.
private struct Rig {
  var runtime: WorkerRuntime
  var actions: [WorkerAction] = []
  let info: WorkerInfo

  init(slots: Int) {
    info = WorkerInfo(name: "w", slots: slots, memory: 1, shuffleEndpoint: "here")
    runtime = WorkerRuntime(info: info)
    handle(.connected)
  }

  func info(life: Int) -> WorkerInfo {
    var info = info
    info.life = life
    return info
  }

  mutating func handle(_ events: WorkerEvent...) { actions = runtime.handle(events) }

  mutating func launch(_ attempts: TaskAttemptID..., knows: Bool = true, upstream: [MapOutputLocations] = [])
  {
    var batch = TaskBatch()
    batch.tasks = attempts.map { TaskLaunch(attempt: $0, input: [], cacheKey: "") }
    if knows {
      batch.stages = Set(attempts.map(\.task.stage)).sorted().map {
        StageDefinition(
          id: $0, operatorName: "op", parameters: [], outputPartitions: 0, upstream: upstream.map(\.stage))
      }
    }
    batch.locations = upstream
    handle(.message(.launch(batch)))
  }

  mutating func end(_ attempt: TaskAttemptID) { handle(.ended(SchedulerRig.success(attempt))) }

  var started: [TaskAttemptID] {
    actions.compactMap { if case .start(let launch, _, _) = $0 { launch.attempt } else { nil } }
  }
  var reports: [TaskReport] {
    actions.flatMap { action -> [TaskReport] in
      if case .send(.reports(let reports)) = action { reports } else { [] }
    }
  }
  var interrupted: [TaskAttemptID] {
    actions.compactMap { if case .interrupt(let attempt) = $0 { attempt } else { nil } }
  }
  var dropped: [StageID] { actions.compactMap { if case .dropStage(let stage) = $0 { stage } else { nil } } }
  var sent: [WorkerMessage] {
    actions.compactMap { if case .send(let message) = $0 { message } else { nil } }
  }
  var leaves: Bool { actions.contains { if case .leave = $0 { true } else { false } } }
  var dropsAll: Bool { actions.contains { if case .dropAll = $0 { true } else { false } } }
}

@Suite struct WorkerRuntimeTests {
  private let stage0 = StageID(job: .a, number: 0)

  @Test func registersWhenConnected() {
    let rig = Rig(slots: 3)
    #expect(rig.sent == [.register(rig.info(life: 1))])
  }

  @Test func attemptsWaitInOrderBehindTheSlots() {
    var rig = Rig(slots: 2)
    rig.launch(attempt(0, 0), attempt(0, 1), attempt(0, 2), attempt(0, 3))
    #expect(rig.started == [attempt(0, 0), attempt(0, 1)])
    rig.end(attempt(0, 1))
    #expect(rig.started == [attempt(0, 2)])
    #expect(rig.reports == [SchedulerRig.success(attempt(0, 1))])
    rig.handle(.ended(SchedulerRig.success(attempt(0, 0))), .ended(SchedulerRig.success(attempt(0, 2))))
    #expect(rig.started == [attempt(0, 3)])
    #expect(
      rig.sent.count == 1 && rig.reports.count == 2, "reports of one batch of events go out as one message")
  }

  @Test func anAttemptGetsTheLatestLocationsOfWhatItReads() {
    var rig = Rig(slots: 1)
    func locations(_ attempt: UInt32) -> MapOutputLocations {
      MapOutputLocations(stage: stage0, endpoints: ["e"], owners: [0], attempts: [attempt])
    }
    rig.launch(attempt(1, 0), attempt(1, 1), upstream: [locations(0)])
    rig.launch(attempt(1, 2), knows: false, upstream: [locations(7)])
    rig.end(attempt(1, 0))
    var sources: [MapOutputLocations] = []
    for case .start(_, _, let given) in rig.actions { sources += given }
    #expect(sources == [locations(7)])
  }

  @Test func cancelEndsWaitingAttemptsAndInterruptsRunningOnes() {
    var rig = Rig(slots: 1)
    rig.launch(attempt(0, 0), attempt(0, 1), attempt(0, 2))
    rig.handle(.message(.cancel([attempt(0, 0), attempt(0, 1), attempt(0, 9)])))
    #expect(rig.reports == [TaskReport(attempt: attempt(0, 1), outcome: .failure(.cancelled))])
    #expect(rig.interrupted == [attempt(0, 0)])
    #expect(rig.started.isEmpty, "the slot is taken until the attempt has ended")
    rig.handle(.ended(TaskReport(attempt: attempt(0, 0), outcome: .failure(.cancelled))))
    #expect(rig.reports.count == 1 && rig.started == [attempt(0, 2)])
  }

  @Test func cancelOfAnEndedAttemptDoesNothing() {
    var rig = Rig(slots: 1)
    rig.launch(attempt(0, 0))
    rig.end(attempt(0, 0))
    rig.handle(.message(.cancel([attempt(0, 0)])))
    #expect(rig.actions.isEmpty)
  }

  @Test func releaseDropsOutputsNowAndThoseOfAttemptsThatEndLater() {
    var rig = Rig(slots: 2)
    rig.launch(attempt(0, 0), attempt(0, 1))
    rig.end(attempt(0, 1))
    #expect(rig.dropped.isEmpty)
    rig.handle(.message(.cancel([attempt(0, 0)])), .message(.release([stage0])))
    #expect(rig.dropped == [stage0])
    rig.end(attempt(0, 0))
    #expect(rig.dropped == [stage0] && rig.reports.count == 1)
    #expect(rig.runtime.held == (0, 0, 0))
  }

  @Test func anUnknownStageIsAReportAndNoSlot() {
    var rig = Rig(slots: 1)
    rig.launch(attempt(0, 0), knows: false)
    #expect(rig.started.isEmpty && rig.reports.count == 1)
    guard case .failure(.transient) = rig.reports.first?.outcome else {
      Issue.record("expected a transient failure")
      return
    }
    rig.launch(attempt(0, 1))
    #expect(rig.started == [attempt(0, 1)])
  }

  @Test func theSameLaunchTwiceRunsOnce() {
    var rig = Rig(slots: 2)
    rig.launch(attempt(0, 0))
    rig.launch(attempt(0, 0))
    #expect(rig.started.isEmpty && rig.reports.isEmpty)
    rig.launch(attempt(0, 1))
    #expect(rig.started == [attempt(0, 1)])
  }

  @Test func anEndThatIsUnknownIsNotReported() {
    var rig = Rig(slots: 1)
    rig.end(attempt(0, 0))
    #expect(rig.reports.isEmpty && rig.dropped == [stage0])
  }

  @Test func aLostDriverEndsTheLife() {
    var rig = Rig(slots: 1)
    rig.launch(attempt(0, 0), attempt(0, 1))
    rig.handle(.disconnected)
    #expect(rig.interrupted == [attempt(0, 0)] && rig.dropsAll && !rig.leaves)
    rig.handle(.disconnected)
    #expect(rig.actions.isEmpty)
    rig.handle(.message(.launch(TaskBatch())), .heartbeatDue([]))
    #expect(rig.actions.isEmpty, "late messages of a closed connection")
    rig.end(attempt(0, 0))
    #expect(rig.reports.isEmpty && rig.dropped == [stage0])
  }

  @Test func attemptsOfAnEarlierLifeTakeSlotsButAreNotReported() {
    var rig = Rig(slots: 1)
    rig.launch(attempt(0, 0))
    rig.handle(.disconnected, .connected)
    #expect(rig.sent == [.register(rig.info(life: 2))])
    rig.launch(attempt(0, 0, 1))
    #expect(rig.started.isEmpty)
    rig.end(attempt(0, 0))
    #expect(rig.reports.isEmpty && rig.started == [attempt(0, 0, 1)])
    rig.end(attempt(0, 0, 1))
    #expect(rig.reports.count == 1)
  }

  @Test func reportsOfALifeAreNotSentInTheNext() {
    var rig = Rig(slots: 1)
    rig.launch(attempt(0, 0))
    rig.handle(.ended(SchedulerRig.success(attempt(0, 0))), .disconnected, .connected)
    #expect(rig.sent == [.register(rig.info(life: 2))])
  }

  @Test func drainTellsTheDriverAndWaitsForItsGoodbye() {
    var rig = Rig(slots: 1)
    rig.launch(attempt(0, 0))
    rig.handle(.drain)
    #expect(rig.sent == [.draining] && !rig.leaves)
    rig.handle(.drain)
    #expect(rig.actions.isEmpty)
    rig.end(attempt(0, 0))
    #expect(rig.reports.count == 1 && !rig.leaves)
    rig.handle(.message(.goodbye))
    #expect(rig.leaves)
    rig.handle(.message(.goodbye), .disconnected, .connected)
    #expect(!rig.leaves && rig.sent.isEmpty, "leaves once, and joins no more")
  }

  @Test func drainWithoutADriverLeavesAtOnce() {
    var rig = Rig(slots: 1)
    rig.handle(.disconnected)
    rig.handle(.drain)
    #expect(rig.leaves)
  }

  @Test func aDrainingWorkerThatLosesItsDriverLeaves() {
    var rig = Rig(slots: 1)
    rig.handle(.drain)
    rig.handle(.disconnected)
    #expect(rig.leaves)
  }

  @Test func nothingNewStartsOnceTheWorkerLeaves() {
    var rig = Rig(slots: 1)
    rig.launch(attempt(0, 0), attempt(0, 1))
    rig.handle(.message(.goodbye))
    rig.end(attempt(0, 0))
    #expect(rig.started.isEmpty)
  }

  @Test func heartbeatsCarryProgress() {
    var rig = Rig(slots: 1)
    let progress = [TaskProgress(attempt: attempt(0, 0), rows: 1, bytes: 2)]
    rig.handle(.heartbeatDue(progress))
    #expect(rig.sent == [.heartbeat(progress)])
  }

  @Test func cachesAreDroppedByPrefix() {
    var rig = Rig(slots: 1)
    rig.handle(.message(.dropCache(.a, prefix: "x/")))
    guard case .dropCache(.a, "x/")? = rig.actions.first, rig.actions.count == 1 else {
      Issue.record("expected one dropCache, found \(rig.actions)")
      return
    }
  }

  @Test func theQueueFreesWhatHasStarted() {
    var rig = Rig(slots: 1)
    rig.launch(attempt(0, 0), attempt(0, 1))
    for partition in 2..<5000 {
      rig.launch(attempt(0, partition), knows: false)
      rig.end(attempt(0, partition - 2))
      #expect(rig.started == [attempt(0, partition - 1)])
    }
    #expect(rig.runtime.held == (1, 1, 1))
  }
}
