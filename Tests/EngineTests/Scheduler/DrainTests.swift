import Testing
import Wire

@Suite struct DrainTests {
  @Test func anIdleWorkerMayLeaveAtOnce() {
    var rig = SchedulerRig(workers: [1])
    rig.send(.draining, from: 1)
    #expect(rig.messages(1) == [.goodbye] && rig.disconnected == [1])
    #expect(rig.scheduler.workerCount == 0)
  }

  @Test func aBusyWorkerEndsItsTasksAndGetsNoMore() {
    var rig = SchedulerRig(workers: [2])
    rig.submit(.flat(4))
    rig.send(.draining, from: 1)
    #expect(rig.messages(1) == [])
    rig.succeed(attempt(0, 0), on: 1)
    #expect(rig.actions.isEmpty)
    rig.succeed(attempt(0, 1), on: 1)
    #expect(rig.messages(1) == [.goodbye])
    rig.join(2, slots: 2)
    #expect(rig.launched == [attempt(0, 2), attempt(0, 3)], "what is done stays done")
  }

  @Test func aWorkerStaysWhileItsOutputsAreNeeded() {
    var rig = SchedulerRig(workers: [1, 1])
    rig.submit(.chain(2, 1))
    rig.send(.draining, from: 1)
    rig.succeed(attempt(0, 0), on: 1)
    #expect(rig.disconnected.isEmpty)
    rig.succeed(attempt(0, 1), on: 2)
    #expect(rig.launched(2) == [attempt(1, 0)])
    rig.pass(.seconds(1))
    #expect(rig.disconnected.isEmpty)
    rig.succeed(attempt(1, 0), on: 2)
    #expect(rig.results == [[0]])
    #expect(rig.messages(1) == [.release([StageID(job: .a, number: 0)]), .goodbye])
  }

  @Test func aWorkerDoesNotHoldOnForEver() {
    var rig = SchedulerRig(workers: [1, 1]) {
      $0.drainTimeout = .seconds(30)
      $0.workerTimeout = .seconds(1000)
    }
    rig.submit(.chain(2, 1))
    rig.send(.draining, from: 1)
    rig.succeed(attempt(0, 0), on: 1)
    rig.pass(.seconds(30))
    #expect(rig.disconnected.isEmpty)
    rig.send(.draining, from: 1)  // Saying it twice does not make it begin anew.
    rig.pass(.milliseconds(1))
    #expect(rig.messages(1) == [.goodbye] && rig.disconnected == [1])
    #expect(rig.notices.count == 1)
    rig.succeed(attempt(0, 1), on: 2)
    #expect(rig.launched(2) == [attempt(0, 0, 1)])
  }

  @Test func runningTasksOfAWorkerThatIsOutOfTimeGoElsewhereAtOnce() {
    var rig = SchedulerRig(workers: [1, 1]) { $0.workerTimeout = .seconds(1000) }
    rig.submit(.flat(1))
    rig.send(.draining, from: 1)
    rig.pass(.seconds(31))
    #expect(rig.launched(2) == [attempt(0, 0, 1)])
  }

  @Test func nothingWaitsForTheCacheOfADrainingWorker() {
    var rig = SchedulerRig(workers: [2, 1])
    rig.submit(.flat(1) { _ in "k" })
    rig.succeed(attempt(0, 0), on: 1, cached: true)
    rig.submit(.flat(3), of: .b)
    rig.submit(.flat(1) { _ in "k" })
    rig.send(.draining, from: 1)
    rig.succeed(attempt(0, 1, of: .b), on: 2)
    #expect(rig.launched(2).map(\.task.stage.job) == [.a])
    // What it still caches while it ends its tasks is not remembered either.
    rig.succeed(attempt(0, 0, of: .b), on: 1, cached: true)
    rig.succeed(attempt(1, 0), on: 2)
    rig.submit(.flat(1) { _ in "k" })
    #expect(rig.launched(2).map(\.task.stage.number) == [2])
  }
}
