import Testing
import Wire

@Suite struct AssignmentTests {
  @Test func workIsSpreadOverWorkersTaskByTask() {
    var rig = SchedulerRig(workers: [2, 4])
    rig.submit(.flat(5))
    #expect(rig.launched(1) == [attempt(0, 0), attempt(0, 2)])
    #expect(rig.launched(2) == [attempt(0, 1), attempt(0, 3), attempt(0, 4)])
    #expect(rig.batches.count == 2, "one message a worker")
  }

  @Test func aFullWorkerGetsNoMoreUntilItReports() {
    var rig = SchedulerRig(workers: [2])
    rig.submit(.flat(5))
    #expect(rig.launched(1).count == 2)
    rig.pass(.seconds(1))
    #expect(rig.launched.isEmpty)
    rig.succeed(attempt(0, 1), on: 1)
    #expect(rig.launched == [attempt(0, 2)])
  }

  @Test func aDefinitionGoesToEachWorkerOnce() {
    var rig = SchedulerRig(workers: [1])
    rig.submit(.flat(3))
    #expect(rig.batch.stages.map(\.id.number) == [0])
    rig.succeed(attempt(0, 0), on: 1)
    #expect(rig.launched(1) == [attempt(0, 1)] && rig.batch.stages == [])
    rig.join(2, slots: 1)
    #expect(rig.launched(2) == [attempt(0, 2)] && rig.batch.stages.count == 1)
  }

  @Test func resultsComeInTheOrderOfPartitionsWhateverTheOrderOfReports() {
    var rig = SchedulerRig(workers: [3])
    rig.submit(.flat(3))
    rig.succeed(attempt(0, 2), on: 1, result: [20])
    rig.succeed(attempt(0, 0), on: 1, result: [0])
    #expect(rig.results == nil)
    rig.succeed(attempt(0, 1), on: 1, result: [10])
    #expect(rig.results == [[0], [10], [20]])
  }

  @Test func shortTasksAreQueuedBehindTheSlots() {
    var rig = SchedulerRig(workers: [2])
    rig.submit(.flat(100))
    #expect(rig.launched.count == 2, "nothing is known about the tasks' time")
    rig.succeed(attempt(0, 0), on: 1, micros: 1000)
    // 10 ms of work for two slots are 20 tasks of 1 ms, besides the two that run; one runs already.
    #expect(rig.launched.count == 21)
    rig.succeed(attempt(0, 1), on: 1, micros: 1000)
    #expect(rig.launched.count == 1)
  }

  @Test func longTasksAreNotQueuedBehindTheSlots() {
    var rig = SchedulerRig(workers: [2])
    rig.submit(.flat(100))
    rig.succeed(attempt(0, 0), on: 1, micros: 30_000)
    #expect(rig.launched.count == 1)
  }

  @Test func theQueueBehindTheSlotsHasALimit() {
    var rig = SchedulerRig(workers: [1]) { $0.maxPrefetch = 5 }
    rig.submit(.flat(100))
    rig.succeed(attempt(0, 0), on: 1, micros: 0)
    #expect(rig.launched.count == 6)
  }

  @Test func aTaskWaitsForTheWorkerThatCachesItsInputThenGoesElsewhere() {
    var rig = SchedulerRig(workers: [1, 1]) { $0.localityWait = .seconds(3) }
    rig.submit(.flat(2) { "k\($0)" })
    rig.succeed(attempt(0, 0), on: 1, cached: true)
    rig.succeed(attempt(0, 1), on: 2, cached: true)
    // Worker 1 is kept busy by another job while tasks with both keys come.
    rig.submit(.flat(1), of: .b)
    #expect(rig.launched(1) == [attempt(0, 0, of: .b)])
    rig.submit(.flat(3) { "k\($0 % 2)" })
    #expect(rig.launched == [attempt(1, 1)], "key 1 to worker 2; keys 0 wait for worker 1")
    rig.succeed(attempt(1, 1), on: 2)
    #expect(rig.launched.isEmpty)
    rig.pass(.seconds(3))
    #expect(rig.launched.isEmpty, "not longer than the wait")
    rig.pass(.milliseconds(1))
    #expect(rig.launched(2) == [attempt(1, 0)])
    // The other one has waited as long: it does not begin to wait anew.
    rig.succeed(attempt(1, 0), on: 2)
    #expect(rig.launched(2) == [attempt(1, 2)])
  }

  @Test func aTaskIsStolenEvenWhileItsWorkerKeepsStartingOthers() {
    var rig = SchedulerRig(workers: [1]) { $0.localityWait = .seconds(3) }
    rig.submit(.flat(10) { "k\($0)" })
    for partition in 0..<10 { rig.succeed(attempt(0, partition), on: 1, cached: true) }
    rig.join(2, slots: 1)
    rig.submit(.flat(10) { "k\($0)" })
    #expect(rig.launched == [attempt(1, 0)])
    for partition in 0..<3 {
      rig.now += .seconds(1)
      rig.succeed(attempt(1, partition), on: 1, cached: true)
      #expect(rig.launched == [attempt(1, partition + 1)])
    }
    rig.now += .milliseconds(1)
    rig.handle(.tick)
    #expect(rig.launched(2) == [attempt(1, 4)])
  }

  @Test func whatIsStolenIsPreferredByTheThiefFromThenOn() {
    var rig = SchedulerRig(workers: [1, 1]) { $0.localityWait = .zero }
    rig.submit(.flat(2) { _ in "k" })
    rig.succeed(attempt(0, 0), on: 1, cached: true)
    rig.succeed(attempt(0, 1), on: 2, cached: true)
    rig.submit(.flat(1) { _ in "k" })
    #expect(rig.launched(2) == [attempt(1, 0)])
  }

  @Test func aDroppedCacheIsPreferredNoMore() {
    var rig = SchedulerRig(workers: [1, 1])
    rig.submit(.flat(1) { _ in "step/k" })
    rig.succeed(attempt(0, 0), on: 1, cached: true)
    rig.submit(.flat(1), of: .b)
    rig.handle(.dropCache(.a, prefix: "step/"))
    #expect(rig.messages(1) == [.dropCache(.a, prefix: "step/")] && rig.messages(2).count == 1)
    rig.submit(.flat(1) { _ in "step/k" })
    #expect(rig.launched(2) == [attempt(1, 0)])
  }

  @Test func jobsShareSlotsFairly() {
    var rig = SchedulerRig(workers: [2, 2])
    rig.submit(.flat(20))
    rig.submit(.flat(20), of: .b)
    #expect(rig.launched.isEmpty)
    var held: [JobID: Int] = [.a: 4, .b: 0]
    for partition in 0..<2 {
      let worker = partition % 2 + 1
      rig.succeed(attempt(0, partition), on: worker)
      held[.a, default: 0] -= 1
      for launch in rig.launched { held[launch.task.stage.job, default: 0] += 1 }
    }
    #expect(held == [.a: 2, .b: 2])
    // From here on a slot that a job frees is its own again.
    rig.succeed(attempt(0, 2), on: 1)
    #expect(rig.launched.map(\.task.stage.job) == [.a])
    rig.succeed(attempt(0, 0, of: .b), on: 1)
    #expect(rig.launched.map(\.task.stage.job) == [.b])
  }

  @Test func aReadStageWaitsForAllMapsAndIsToldWhereTheyAre() {
    var rig = SchedulerRig(workers: [1, 1])
    rig.submit(.chain(2, 1))
    rig.succeed(attempt(0, 0), on: 1)
    #expect(rig.launched.isEmpty)
    rig.succeed(attempt(0, 1), on: 2)
    #expect(rig.launched == [attempt(1, 0)])
    let source = StageID(job: .a, number: 0)
    #expect(
      rig.batch.locations == [
        MapOutputLocations(
          stage: source, endpoints: ["endpoint-1", "endpoint-2"], owners: [0, 1], attempts: [0, 0])
      ])
    rig.succeed(attempt(1, 0), on: 1)
    #expect(rig.results == [[0]])
  }

  @Test func locationsGoToAWorkerOnlyWhenTheyHaveChanged() {
    var rig = SchedulerRig(workers: [1])
    rig.submit(.chain(1, 3))
    rig.succeed(attempt(0, 0), on: 1)
    #expect(rig.batch.locations.count == 1)
    rig.succeed(attempt(1, 0), on: 1)
    #expect(rig.launched == [attempt(1, 1)] && rig.batch.locations.isEmpty)
    rig.fail(attempt(1, 1), .lostMapOutput(attempt(0, 0), message: "x"), on: 1)
    rig.succeed(attempt(0, 0, 1), on: 1)
    #expect(rig.batch.locations.map(\.attempts) == [[1]])
  }
}

/// Slots that several jobs want.
@Suite struct FairnessTests {
  /// With as many jobs as slots each holds one, and whoever gives a slot back must not get it again.
  @Test func aSmallJobGetsTheNextFreeSlot() {
    var rig = SchedulerRig(workers: [4])
    let big = (0..<4).map { JobID("big-\($0)") }
    for job in big { rig.submit(.flat(20), of: job) }
    // The first had all slots; each that it gives back goes to another job.
    for partition in 0..<3 { rig.succeed(attempt(0, partition, of: big[0]), on: 1) }
    #expect(rig.scheduler.stages(of: big[3], now: rig.now).first?.running == 1)
    rig.submit(.flat(1), of: .b)
    rig.succeed(attempt(0, 0, of: big[3]), on: 1)
    #expect(rig.launched == [attempt(0, 0, of: .b)])
  }

  @Test func equalJobsTakeTurns() {
    var rig = SchedulerRig(workers: [1])
    let jobs = [JobID("a"), JobID("b"), JobID("c")]
    for job in jobs { rig.submit(.flat(3), of: job) }
    var order: [String] = []
    var running = attempt(0, 0, of: jobs[0])
    for _ in 0..<8 {
      order.append(running.task.stage.job.name)
      rig.succeed(running, on: 1)
      guard let next = rig.launched.first else { break }
      running = next
    }
    #expect(order == ["a", "b", "c", "a", "b", "c", "a", "b"])
  }
}
