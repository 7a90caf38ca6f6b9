import Engine
import Testing

@Suite struct WorkerLossTests {
  @Test func runningTasksGoElsewhereAndCountAsNoFailure() {
    var rig = SchedulerRig(workers: [2, 2]) { $0.maxAttempts = 1 }
    rig.submit(.flat(4))
    rig.lose(1)
    #expect(rig.disconnected == [1] && rig.launched.isEmpty)
    #expect(rig.notices.count == 1 && rig.notices.contains { $0.contains("2 running tasks") })
    rig.succeed(attempt(0, 1), on: 2)
    #expect(rig.launched == [attempt(0, 0, 1)])
  }

  /// A machine that hangs keeps its connections, so those who fetch from it are told.
  @Test func othersAreToldNotToWaitForALostWorker() {
    var rig = SchedulerRig(workers: [1, 1])
    rig.submit(.chain(2, 1))
    rig.lose(1)
    #expect(rig.messages(2).contains(.peerLost("endpoint-1")))
  }

  @Test func neededMapOutputsAreMadeAgainBeforeTheReadersGoOn() {
    var rig = SchedulerRig(workers: [1, 1])
    rig.submit(.chain(2, 2))
    rig.succeed(attempt(0, 0), on: 1)
    rig.succeed(attempt(0, 1), on: 2)
    #expect(rig.launched == [attempt(1, 0), attempt(1, 1)])
    rig.lose(1)
    #expect(rig.launched.isEmpty, "the only slot is taken")
    rig.fail(attempt(1, 1), .lostMapOutput(attempt(0, 0), message: "gone"), on: 2)
    #expect(rig.launched == [attempt(0, 0, 1)])
    rig.succeed(attempt(0, 0, 1), on: 2)
    #expect(rig.launched == [attempt(1, 0, 1)])
    #expect(rig.batch.locations.map(\.endpoints) == [["endpoint-2"]])
  }

  @Test func mapOutputsThatNobodyNeedsAreNotMadeAgain() {
    var rig = SchedulerRig(workers: [1, 1])
    rig.submit(.chain(2, 1))
    rig.succeed(attempt(0, 0), on: 1)
    rig.submit(.flat(1), of: .b)  // Keeps worker 1 busy, so that the reader runs on worker 2.
    rig.succeed(attempt(0, 1), on: 2)
    #expect(rig.launched(2) == [attempt(1, 0)])
    rig.succeed(attempt(1, 0), on: 2)
    #expect(rig.results == [[0]])
    rig.lose(1)
    #expect(rig.launched(2) == [attempt(0, 0, 1, of: .b)] && rig.notices.count == 1)
  }

  /// The reader of the lost outputs was complete, but has lost outputs itself, so it needs its inputs again.
  @Test func aStageThatMustRunAgainGetsItsOwnInputsMadeAgain() {
    var rig = SchedulerRig(workers: [1])
    rig.submit(.chain(1, 1, 1))
    rig.succeed(attempt(0, 0), on: 1)
    rig.succeed(attempt(1, 0), on: 1)
    #expect(rig.launched == [attempt(2, 0)])
    rig.join(2, slots: 1)
    rig.lose(1)
    #expect(rig.launched(2) == [attempt(0, 0, 1)])
    rig.succeed(attempt(0, 0, 1), on: 2)
    #expect(rig.launched(2) == [attempt(1, 0, 1)])
    rig.succeed(attempt(1, 0, 1), on: 2)
    rig.succeed(attempt(2, 0, 1), on: 2)
    #expect(rig.results == [[0]])
  }

  @Test func aLostOutputOfACompleteStageBringsBackInputsOnLostWorkers() {
    var rig = SchedulerRig(workers: [1])
    rig.submit(.chain(1, 1, 1))
    rig.succeed(attempt(0, 0), on: 1)  // Stage 1 starts on worker 1.
    rig.send(.draining, from: 1)
    rig.join(2, slots: 1)
    rig.fail(attempt(1, 0), .cancelled, on: 1)
    #expect(rig.launched(2) == [attempt(1, 0, 1)])
    rig.succeed(attempt(1, 0, 1), on: 2)
    #expect(rig.disconnected == [1], "stage 1 is complete, so worker 1 has nothing that is needed")
    #expect(rig.scheduler.stages(of: .a, now: .zero).map(\.done) == [1, 1, 0], "nor is anything made again")
    #expect(rig.launched(2) == [attempt(2, 0)])
    rig.fail(attempt(2, 0), .lostMapOutput(attempt(1, 0, 1), message: "disk"), on: 2)
    #expect(rig.launched(2) == [attempt(0, 0, 1)])
  }

  @Test func twoReadersOfOneStageBothNeedIt() {
    let diamond = StageGraph([
      StageSpec(
        name: "m", operatorName: "m", parameters: [], tasks: [TaskSpec(input: [])], shufflePartitions: 1),
      StageSpec(
        name: "r", operatorName: "r", parameters: [], tasks: [TaskSpec(input: [])], shufflePartitions: 1,
        upstream: [0]),
      StageSpec(
        name: "z", operatorName: "z", parameters: [], tasks: [TaskSpec(input: [])], upstream: [0, 1]),
    ])
    var rig = SchedulerRig(workers: [1, 1])
    rig.submit(diamond)
    rig.succeed(attempt(0, 0), on: 1)
    #expect(rig.launched(1) == [attempt(1, 0)])
    rig.send(.draining, from: 1)
    rig.succeed(attempt(1, 0), on: 1)
    #expect(rig.disconnected.isEmpty, "the last stage reads both")
    #expect(rig.launched(2) == [attempt(2, 0)])
    rig.succeed(attempt(2, 0), on: 2)
    #expect(rig.results == [[0]])
    #expect(rig.messages(1).last == .goodbye)
  }

  @Test func aWorkerThatComesBackIsANewOne() {
    var rig = SchedulerRig(workers: [1])
    rig.submit(.flat(1))
    rig.lose(1)
    rig.join(2, slots: 1)
    #expect(rig.launched(2) == [attempt(0, 0, 1)])
    rig.succeed(attempt(0, 0), on: 1)
    #expect(rig.results == nil, "of an earlier life")
    rig.succeed(attempt(0, 0, 1), on: 2)
    #expect(rig.results == [[0]])
  }

  @Test func silenceIsALoss() {
    var rig = SchedulerRig(workers: [1, 1]) { $0.workerTimeout = .seconds(10) }
    rig.submit(.flat(2))
    rig.pass(.seconds(6))
    rig.send(.heartbeat([]), from: 2)
    #expect(rig.messages(2) == [.heartbeat])
    rig.pass(.seconds(4))
    #expect(rig.disconnected.isEmpty)
    rig.pass(.milliseconds(1))
    #expect(rig.disconnected == [1])
    #expect(rig.scheduler.workerCount == 1)
    rig.lose(1)
    #expect(rig.actions.isEmpty, "lost once")
  }

  @Test func tasksNoLongerWaitForTheCacheOfALostWorker() {
    var rig = SchedulerRig(workers: [1, 1])
    rig.submit(.flat(1) { _ in "k" })
    rig.succeed(attempt(0, 0), on: 1, cached: true)
    rig.submit(.flat(1), of: .b)
    rig.submit(.flat(1) { _ in "k" })
    #expect(rig.launched.isEmpty, "waits for worker 1")
    rig.lose(1)
    #expect(rig.launched(2).count == 1)
  }

  @Test func jobsWaitForAWorkerAndFailWhenNoneComes() {
    var rig = SchedulerRig { $0.noWorkerTimeout = .seconds(60) }
    rig.pass(.seconds(1000))
    rig.submit(.flat(1))
    rig.pass(.seconds(60))
    #expect(rig.failure == nil, "time without workers before the job does not count")
    rig.pass(.milliseconds(1))
    #expect(rig.failure?.description.contains("no worker") == true)
    rig.submit(.flat(1))
    rig.pass(.seconds(59))
    rig.join(1, slots: 1)
    #expect(rig.launched == [attempt(1, 0)])
  }
}
