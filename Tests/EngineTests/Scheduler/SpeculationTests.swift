import Engine
import Testing
import Wire

@Suite struct SpeculationTests {
  /// Worker 1 runs tasks 0 and 2, worker 2 runs 1 and 3; all but task 0 have taken 100 ms.
  private func slowTaskZero(_ change: (inout SchedulerConfig) -> Void = { _ in }) -> SchedulerRig {
    var rig = SchedulerRig(workers: [2, 2], change)
    rig.submit(.flat(4))
    rig.now += .milliseconds(100)
    for partition in 1...3 {
      rig.succeed(attempt(0, partition), on: partition == 2 ? 1 : 2, micros: 100_000)
    }
    return rig
  }

  @Test func aSlowTaskGetsASecondAttemptOnAnotherWorker() {
    var rig = slowTaskZero()
    rig.pass(.milliseconds(90))
    #expect(rig.launched.isEmpty, "190 ms are too short")
    rig.pass(.milliseconds(60))
    #expect(rig.launched(2) == [attempt(0, 0, 1)])
    rig.pass(.seconds(1))
    #expect(rig.launched.isEmpty, "one is enough")
  }

  @Test func theFirstToFinishCountsAndTheOtherIsStopped() {
    var rig = slowTaskZero()
    rig.pass(.seconds(1))
    rig.succeed(attempt(0, 0, 1), on: 2, result: [7])
    #expect(rig.results == [[7], [1], [2], [3]])
    #expect(rig.messages(1).contains { if case .cancel([attempt(0, 0)]) = $0 { true } else { false } })
    rig.succeed(attempt(0, 0), on: 1, result: [8])
    #expect(rig.actions.isEmpty)
  }

  @Test func theSlowOneMayStillBeTheFirst() {
    var rig = slowTaskZero()
    rig.pass(.seconds(1))
    rig.succeed(attempt(0, 0), on: 1, result: [8])
    #expect(rig.results == [[8], [1], [2], [3]])
    #expect(rig.messages(2).contains { if case .cancel([attempt(0, 0, 1)]) = $0 { true } else { false } })
  }

  @Test(arguments: [true, false]) func bothReportsInOneBatch(slowFirst: Bool) {
    var rig = slowTaskZero()
    rig.pass(.seconds(1))
    let slow = SchedulerEvent.message(
      WorkerID(1), .reports([SchedulerRig.success(attempt(0, 0), result: [8])]))
    let fast = SchedulerEvent.message(
      WorkerID(2), .reports([SchedulerRig.success(attempt(0, 0, 1), result: [7])]))
    if slowFirst { rig.handle(slow, fast) } else { rig.handle(fast, slow) }
    #expect(rig.finishedCount == 1)
    #expect(rig.results == [[slowFirst ? 8 : 7], [1], [2], [3]])
  }

  @Test func aFailureOfOneLeavesTheOther() {
    var rig = slowTaskZero()
    rig.pass(.seconds(1))
    rig.fail(attempt(0, 0), .transient("x"), on: 1)
    #expect(rig.launched.isEmpty && rig.failure == nil)
    rig.succeed(attempt(0, 0, 1), on: 2)
    #expect(rig.results == [[0], [1], [2], [3]])
  }

  @Test(arguments: [1, 2]) func aLostWorkerLeavesTheOtherAttempt(lost: Int) {
    var rig = slowTaskZero()
    rig.pass(.seconds(1))
    rig.lose(lost)
    #expect(rig.launched.isEmpty)
    rig.succeed(lost == 1 ? attempt(0, 0, 1) : attempt(0, 0), on: 3 - lost)
    #expect(rig.results == [[0], [1], [2], [3]])
  }

  /// The winner's map output is lost with its worker: the task runs again, and the loser's output is never read.
  @Test func theWinnersOutputIsLostAfterwards() {
    var rig = SchedulerRig(workers: [2, 2])
    rig.submit(.chain(4, 1))
    rig.now += .milliseconds(100)
    for partition in 1...3 {
      rig.succeed(attempt(0, partition), on: partition == 2 ? 1 : 2, micros: 100_000)
    }
    rig.pass(.seconds(1))
    rig.succeed(attempt(0, 0, 1), on: 2)
    let reader = rig.launched
    #expect(reader == [attempt(1, 0)])
    rig.succeed(attempt(0, 0), on: 1)
    rig.lose(2)
    #expect(Set(rig.launched).isSuperset(of: [attempt(0, 0, 2)]))
  }

  @Test func notWhileTasksWaitForTheSlot() {
    var rig = SchedulerRig(workers: [1, 1])
    rig.submit(.flat(20))
    for partition in 1..<17 { rig.succeed(attempt(0, partition), on: 2, micros: 100_000) }
    rig.pass(.seconds(2))
    #expect(rig.launched.isEmpty, "17 still runs on worker 2, which has no slot free")
    rig.now += .seconds(2)
    for partition in 17..<19 {
      rig.succeed(attempt(0, partition), on: 2, micros: 100_000)
      #expect(rig.launched == [attempt(0, partition + 1)])
    }
    rig.now += .seconds(2)
    rig.succeed(attempt(0, 19), on: 2, micros: 100_000)
    #expect(rig.launched == [attempt(0, 0, 1)])
  }

  @Test func notBeforeMostTasksAreDone() {
    var rig = SchedulerRig(workers: [2, 2])
    rig.submit(.flat(4))
    for partition in [1, 3] { rig.succeed(attempt(0, partition), on: 2, micros: 1000) }
    rig.pass(.seconds(2))
    #expect(rig.launched.isEmpty)
  }

  @Test func notOnADrainingWorkerAndNotWhenSwitchedOff() {
    var rig = slowTaskZero()
    rig.send(.draining, from: 2)
    rig.pass(.seconds(2))
    #expect(rig.launched.isEmpty)

    rig = slowTaskZero { $0.speculation.isOn = false }
    rig.pass(.seconds(2))
    #expect(rig.launched.isEmpty)
  }

  /// A worker that is paused says nothing; what it holds runs elsewhere long before it counts as lost.
  @Test func theTasksOfAQuietWorkerRunElsewhereToo() {
    var rig = SchedulerRig(workers: [1, 1]) { $0.quietAfter = .seconds(3) }
    rig.submit(.flat(2))
    rig.succeed(attempt(0, 1), on: 2)
    for _ in 0..<5 {
      rig.now += .seconds(1)
      rig.handle(.message(WorkerID(2), .heartbeat([])), .tick)
      if !rig.launched.isEmpty { break }
    }
    #expect(rig.launched(2) == [attempt(0, 0, 1)])
    #expect(rig.disconnected.isEmpty)
  }

  /// Short tasks are queued behind slots; one of them must not wait for a long one while other workers are idle.
  @Test func whatIsQueuedBehindASlowTaskIsTakenBack() {
    var rig = SchedulerRig(workers: [1, 1])
    rig.submit(.flat(40))
    var open = Set(rig.launched(1) + rig.launched(2))
    var onOne = Set(rig.launched(1))
    // Everything but what worker 1 was given in the end is done at once.
    while let next = open.subtracting(onOne.count > 3 ? onOne : []).min() {
      let worker = onOne.contains(next) ? 1 : 2
      open.remove(next)
      onOne.remove(next)
      rig.succeed(next, on: worker, micros: 1000)
      onOne.formUnion(rig.launched(1))
      open.formUnion(rig.launched)
    }
    #expect(onOne.count > 3 && open == onOne)
    rig.pass(.seconds(1))
    for _ in onOne where rig.results == nil {
      let next = rig.launched(2)
      #expect(next.count == 1)
      rig.now += .milliseconds(60)
      for launch in next { rig.succeed(launch, on: 2, micros: 1000) }
    }
    #expect(rig.results?.count == 40, "none waits for the slow one but itself, which runs twice")
  }
}
