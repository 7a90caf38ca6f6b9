import Engine
import Testing
import Wire

@Suite struct PoisonTaskTests {
  private func poison(_ rig: SchedulerRig) -> PoisonTask? {
    if case .poisonTask(let task) = rig.failure { task } else { nil }
  }

  /// Every worker that runs task 1 dies; others run the rest meanwhile.
  @Test func aTaskThatKillsThreeWorkersEndsItsJob() throws {
    var rig = SchedulerRig(workers: [2, 2, 2])
    rig.submit(.flat(4))
    var killed = 0
    var next = 4
    var found: PoisonTask?
    for _ in 0..<6 where found == nil {
      let worker = rig.holder(of: 1)
      guard let worker else { break }
      killed += 1
      rig.lose(worker)
      found = poison(rig)
      if found == nil {
        rig.join(next, slots: 2)
        next += 1
      }
      rig.settleOthers(than: 1)
    }
    let task = try #require(found)
    #expect(killed == 3 && task.workers.count == 3)
    #expect(task.stage == "flat" && task.partition == 1)
    #expect(task.description.contains("stage 'flat', task 1: 3 workers died while they ran it"))
  }

  /// The third run has a worker of its own, so that no other task can be the cause.
  @Test func aSuspectRunsAlone() {
    var rig = SchedulerRig(workers: [2])
    rig.submit(.flat(2))
    for number in 2...3 {
      rig.lose(number - 1)
      rig.join(number, slots: 2)
    }
    #expect(rig.launched(3).count == 1, "both were there at two deaths: one after the other")
    let first = rig.launched(3)
    rig.succeed(first[0], on: 3)
    #expect(rig.launched(3).count == 1)
    rig.succeed(rig.launched(3)[0], on: 3)
    #expect(rig.results == [[0], [1]])
  }

  /// A task that has succeeded is innocent, whatever it was near to.
  @Test func successClears() {
    var rig = SchedulerRig(workers: [1])
    rig.submit(.flat(2))
    for number in 2...3 {
      rig.lose(number - 1)
      rig.join(number, slots: 1)
    }
    rig.succeed(attempt(0, 0, 2), on: 3)
    rig.lose(3)
    rig.join(4, slots: 1)
    rig.lose(4)
    rig.join(5, slots: 1)
    #expect(rig.failure == nil)
  }

  /// Workers that leave, or only lose their connection, die of nothing.
  @Test func otherEndsOfWorkersAreNoDeaths() {
    var rig = SchedulerRig(workers: [1]) { $0.drainTimeout = .seconds(1) }
    rig.submit(.flat(1))
    for number in 1...3 {
      rig.send(.draining, from: number)
      rig.lose(number)
      rig.join(number + 1, slots: 1)
    }
    var info = SchedulerRig.info(5, 1)
    rig.lose(4)
    rig.handle(.workerJoined(WorkerID(5), info))
    for life in 2...7 {
      if life.isMultiple(of: 2) { rig.lose(3 + life) } else { rig.pass(.seconds(11)) }
      #expect(rig.failure == nil && rig.scheduler.workerCount == 0)
      info.life = life
      rig.handle(.workerJoined(WorkerID(4 + life), info))
    }
    #expect(rig.failure == nil && rig.launched.count == 1)
  }

  /// A task that makes machines hang kills them as well.
  @Test func silenceForTooLongIsADeath() {
    var rig = SchedulerRig(workers: [1])
    rig.submit(.flat(1))
    for number in 2...4 {
      #expect(rig.failure == nil)
      rig.pass(.seconds(11))
      if poison(rig) == nil { rig.join(number, slots: 1) }
    }
    #expect(poison(rig)?.workers == ["host-1", "host-2", "host-3"])
  }

  /// Where workers die all the time, also without the task, its deaths prove nothing.
  @Test func deathsWithoutTheTaskSpeakForIt() {
    var rig = SchedulerRig(workers: [1, 1])
    rig.submit(.flat(2))
    var next = 3
    for _ in 0..<4 {
      // A worker that runs nothing of the job dies as often as one that runs the task.
      rig.join(next, slots: 1)
      rig.lose(next)
      next += 1
      guard let worker = rig.holder(of: 0) else { break }
      rig.lose(worker)
      rig.join(next, slots: 1)
      next += 1
    }
    #expect(rig.failure == nil)
  }

  /// What was queued behind a slot when its worker died did not run.
  @Test func queuedTasksAreNotSuspected() {
    var rig = SchedulerRig(workers: [1])
    rig.submit(.flat(30))
    rig.succeed(attempt(0, 0), on: 1, micros: 10)
    #expect(rig.launched.count > 2, "some are queued behind the slot")
    let queued = rig.launched.last
    for number in 2...4 {
      rig.lose(number - 1)
      rig.join(number, slots: 1)
    }
    #expect(poison(rig)?.partition != queued?.task.partition)
  }
}

extension SchedulerRig {
  /// The worker that a task of the flat stage runs on.
  fileprivate func holder(of partition: Int) -> Int? {
    lastWorker[TaskID(stage: StageID(job: .a, number: 0), partition: partition)]
  }

  fileprivate mutating func settleOthers(than partition: Int) {
    for launch in launched where launch.task.partition != partition {
      guard let worker = lastWorker[launch.task] else { continue }
      succeed(launch, on: worker)
    }
  }
}
