import Engine
import Testing
import Wire

@Suite struct JobTests {
  private let stage0 = StageID(job: .a, number: 0)

  @Test func aGraphWithoutStagesIsDone() {
    var rig = SchedulerRig()
    rig.submit(StageGraph([]))
    #expect(rig.results == [])
  }

  @Test func aLastStageWithoutTasksIsDone() {
    var rig = SchedulerRig(workers: [1])
    rig.submit(.flat(0))
    #expect(rig.results == [])
    rig.submit(.chain(3, 0))
    #expect(rig.results == [] && rig.launched.isEmpty)
  }

  @Test func aMapStageWithoutTasksIsNoObstacle() {
    var rig = SchedulerRig(workers: [2])
    rig.submit(.chain(0, 2))
    #expect(rig.launched == [attempt(1, 0), attempt(1, 1)])
    #expect(rig.batch.locations.map(\.owners) == [[]])
    rig.succeed(attempt(1, 0), on: 1)
    rig.succeed(attempt(1, 1), on: 1)
    #expect(rig.results == [[0], [1]])
  }

  @Test func aMapStageWithoutTasksInTheMiddleIsNoObstacle() {
    var rig = SchedulerRig(workers: [1])
    rig.submit(.chain(1, 0, 1))
    #expect(rig.launched == [attempt(2, 0)], "nobody waits for stage 0")
    rig.succeed(attempt(2, 0), on: 1)
    #expect(rig.results == [[0]])
  }

  @Test func aStageThatNobodyReadsIsNotRun() {
    var graph = StageGraph.chain(2, 1)
    graph.stages[1].upstream = []
    var rig = SchedulerRig(workers: [4])
    rig.submit(graph)
    #expect(rig.launched == [attempt(1, 0)])
  }

  @Test(arguments: [1, 2, -1])
  func aGraphThatIsNotInOrderIsRefused(_ upstream: Int) {
    var graph = StageGraph.chain(1, 1)
    graph.stages[1].upstream = [upstream]
    var rig = SchedulerRig(workers: [1])
    rig.submit(graph)
    #expect(rig.failure?.description.hasPrefix("stage 's1' reads stage \(upstream)") == true)
    rig.submit(.flat(1))
    #expect(rig.launched.count == 1)
  }

  @Test func aGraphWhoseTasksDoNotFitItsShuffleIsRefused() {
    var graph = StageGraph.chain(1, 2)
    graph.stages[0].shufflePartitions = 3
    var rig = SchedulerRig(workers: [1])
    rig.submit(graph)
    #expect(rig.failure == .failed("stage 's1' has 2 tasks for a shuffle of 3 partitions"))
  }

  @Test func aSecondGraphAtATimeIsRefusedAndTheFirstGoesOn() {
    var rig = SchedulerRig(workers: [1])
    rig.submit(.flat(1))
    rig.submit(.flat(1))
    #expect(rig.failure?.description == "job a already runs a graph" && rig.launched.isEmpty)
    rig.succeed(attempt(0, 0), on: 1)
    #expect(rig.results == [[0]])
  }

  @Test func graphsOfAJobNeverUseAStageNumberTwice() {
    var rig = SchedulerRig(workers: [1])
    rig.submit(.chain(1, 1))
    rig.succeed(attempt(0, 0), on: 1)
    rig.succeed(attempt(1, 0), on: 1)
    #expect(rig.messages(1) == [.release([stage0, StageID(job: .a, number: 1)])])
    rig.submit(.flat(1))
    #expect(rig.launched == [attempt(2, 0)])
  }

  @Test func theEndCarriesTheStagesAsTheyWere() throws {
    var rig = SchedulerRig(workers: [1])
    rig.submit(.flat(2))
    rig.fail(attempt(0, 0), .transient("x"), on: 1)
    rig.now = .seconds(2)
    let first = rig.launched[0]
    rig.succeed(first, on: 1)
    rig.succeed(rig.launched[0], on: 1)
    var ends: [[StageSnapshot]] = []
    for case .finished(_, _, let stages) in rig.actions { ends.append(stages) }
    let stage = try #require(ends.first?.first)
    #expect(stage.done == 2 && stage.running == 0 && stage.failedAttempts == 1)
    #expect(stage.metrics.rowsRead == 2 && stage.elapsed == .seconds(2))
  }

  @Test func progressOfRunningTasksShows() {
    var rig = SchedulerRig(workers: [1])
    rig.submit(.flat(2))
    rig.send(.heartbeat([TaskProgress(attempt: attempt(0, 0), rows: 5, bytes: 70)]), from: 1)
    let stage = rig.scheduler.stages(of: .a, now: .seconds(1))[0]
    #expect(stage.running == 1 && stage.metrics.rowsRead == 5 && stage.metrics.bytesRead == 70)
    rig.send(.heartbeat([TaskProgress(attempt: attempt(0, 1), rows: 9, bytes: 9)]), from: 1)
    #expect(
      rig.scheduler.stages(of: .a, now: .zero)[0].metrics.rowsRead == 5, "not an attempt of this worker")
  }

  @Test func claimsOfAWorkerDoNotOverflow() {
    var rig = SchedulerRig(workers: [2])
    rig.submit(.flat(3))
    let claim = (0..<2).map { TaskProgress(attempt: attempt(0, $0), rows: .max, bytes: .max) }
    rig.send(.heartbeat(claim), from: 1)
    #expect(rig.scheduler.stages(of: .a, now: .zero)[0].metrics.rowsRead == .max)
    for partition in 0..<3 { rig.succeed(attempt(0, partition), on: 1, micros: .max) }
    #expect(rig.results?.count == 3)
    // What was counted is taken back when outputs are lost.
    rig.submit(.chain(3, 1))
    for partition in 0..<3 { rig.succeed(attempt(1, partition), on: 1, micros: .max) }
    #expect(rig.scheduler.stages(of: .a, now: .zero)[0].metrics.microseconds == .max)
    rig.lose(1)
    #expect(rig.scheduler.stages(of: .a, now: .zero)[0].metrics == TaskMetrics())
  }

  @Test func cancelStopsTasksButTheirSlotsStayTakenUntilTheyEnd() {
    var rig = SchedulerRig(workers: [2])
    rig.submit(.flat(3))
    rig.submit(.flat(2), of: .b)
    rig.handle(.cancel(.a))
    #expect(rig.failure == .cancelled && rig.finishedCount == 1)
    #expect(rig.messages(1) == [.cancel([attempt(0, 0), attempt(0, 1)]), .release([stage0])])
    rig.pass(.seconds(1))
    #expect(rig.launched.isEmpty)
    rig.fail(attempt(0, 0), .cancelled, on: 1)
    #expect(rig.launched == [attempt(0, 0, of: .b)])
    rig.succeed(attempt(0, 1), on: 1)  // Was done before it noticed.
    #expect(rig.launched == [attempt(0, 1, of: .b)] && rig.finishedCount == 0)
  }

  @Test func aCancelledJobRunsNoLaterGraph() {
    var rig = SchedulerRig(workers: [1])
    rig.submit(.flat(1))
    rig.handle(.cancel(.a))
    rig.handle(.cancel(.a))
    #expect(rig.actions.isEmpty)
    rig.submit(.flat(1))
    #expect(rig.failure == .cancelled)
  }

  @Test func releaseForgetsTheJobEverywhere() {
    var rig = SchedulerRig(workers: [1])
    rig.submit(.flat(2))
    rig.handle(.release(.a))
    #expect(rig.failure == .cancelled)
    #expect(
      rig.messages(1) == [.cancel([attempt(0, 0)]), .release([stage0]), .dropCache(.a, prefix: "")])
    rig.fail(attempt(0, 0), .cancelled, on: 1)
    #expect(rig.scheduler.held == (0, 0, 0))
    rig.handle(.release(.a), .cancel(.a), .dropCache(.a, prefix: ""))
    #expect(rig.actions.isEmpty)
  }

  /// The worker was told where map outputs of a stage are of which it never ran a task.
  @Test func aWorkerIsToldToForgetStagesThatItOnlyReads() {
    var rig = SchedulerRig(workers: [1])
    rig.submit(.chain(1, 2))
    rig.succeed(attempt(0, 0), on: 1)
    rig.join(2, slots: 1)
    #expect(rig.launched(2) == [attempt(1, 1)])
    rig.handle(.cancel(.a))
    #expect(rig.messages(2).last == .release([stage0, StageID(job: .a, number: 1)]))
  }
}

@Suite struct StaleReportTests {
  @Test func theSameReportTwiceCountsOnce() {
    var rig = SchedulerRig(workers: [2])
    rig.submit(.flat(3))
    let report = SchedulerRig.success(attempt(0, 0))
    rig.send(.reports([report, report]), from: 1)
    #expect(rig.launched == [attempt(0, 2)])
    rig.send(.reports([report]), from: 1)
    #expect(rig.actions.isEmpty)
    #expect(rig.scheduler.stages(of: .a, now: .zero)[0].done == 1)
  }

  @Test func aFailureTwiceCountsOnce() {
    var rig = SchedulerRig(workers: [1])
    rig.submit(.flat(1))
    for _ in 0..<5 { rig.fail(attempt(0, 0), .transient("x"), on: 1) }
    #expect(rig.scheduler.stages(of: .a, now: .zero)[0].failedAttempts == 1)
  }

  @Test func reportsOfAttemptsThatTheWorkerDoesNotHoldAreIgnored() {
    var rig = SchedulerRig(workers: [1, 1])
    rig.submit(.flat(2))
    for stale in [attempt(0, 1), attempt(0, 0, 1), attempt(0, 9), attempt(3, 0), attempt(0, 0, of: .b)] {
      rig.succeed(stale, on: 1)
      rig.fail(stale, .fatal("x"), on: 1)
      #expect(rig.actions.isEmpty)
    }
    rig.succeed(attempt(0, 0), on: 7)
    #expect(rig.actions.isEmpty, "of a worker that never joined")
  }

  @Test func reportsOfAnEarlierGraphAreIgnored() {
    var rig = SchedulerRig(workers: [1])
    rig.submit(.flat(2))
    rig.fail(attempt(0, 0), .transient("x"), on: 1)
    let running = rig.launched[0]
    // The graph ends by another worker's report while this one still runs.
    rig.join(2, slots: 1)
    rig.fail(rig.launched(2)[0], .fatal("x"), on: 2)
    #expect(rig.failure != nil)
    rig.submit(.flat(2))
    rig.fail(running, .fatal("late"), on: 1)
    #expect(rig.failure == nil)
  }

  @Test func messagesOfALostWorkerAreIgnored() {
    var rig = SchedulerRig(workers: [1])
    rig.submit(.flat(1))
    rig.lose(1)
    rig.send(.heartbeat([]), from: 1)
    rig.send(.draining, from: 1)
    rig.send(.register(SchedulerRig.info(1, 1)), from: 1)
    #expect(rig.actions.isEmpty && rig.scheduler.workerCount == 0)
  }

  @Test func joiningTwiceChangesNothing() {
    var rig = SchedulerRig(workers: [1])
    rig.submit(.flat(2))
    rig.join(1, slots: 5)
    #expect(rig.actions.isEmpty)
  }
}
