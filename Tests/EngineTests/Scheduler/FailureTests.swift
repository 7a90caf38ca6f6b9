import Testing
import Wire

@Suite struct FailureTests {
  /// What the driver keeps until the end of a graph is bounded.
  @Test func tooManyResultsEndTheJob() {
    var rig = SchedulerRig(workers: [2, 2]) { $0.maxResultBytes = 10 }
    rig.submit(.chain(2, 2))
    for partition in 0..<2 {
      rig.succeed(attempt(0, partition), on: partition + 1, result: [UInt8](repeating: 0, count: 100))
    }
    rig.succeed(attempt(1, 0), on: 1, result: [UInt8](repeating: 0, count: 10))
    #expect(rig.failure == nil, "results of other stages are not kept, and ten bytes may be")
    rig.succeed(attempt(1, 1), on: 2, result: [0])
    #expect("\(rig.failure.map { "\($0)" } ?? "")".contains("the results of stage 's1' have over 10 bytes"))
  }

  @Test func aTaskIsTriedFourTimes() throws {
    var rig = SchedulerRig(workers: [1])
    rig.submit(.flat(1))
    for number in 0..<3 {
      #expect(rig.launched == [attempt(0, 0, number)])
      rig.fail(attempt(0, 0, number), .transient("disk \(number)"), on: 1)
      #expect(rig.notices.count == 1 && rig.notices.contains { $0.contains("disk \(number)") })
      #expect(rig.failure == nil)
    }
    #expect(rig.launched == [attempt(0, 0, 3)])
    rig.fail(attempt(0, 0, 3), .transient("disk 3"), on: 1)
    let failure = try #require(rig.failure)
    #expect(
      failure.description
        == "stage 'flat', task 0, attempt 4 on host-1 failed, the last of 4 failures: disk 3")
  }

  @Test func failuresOfDifferentTasksDoNotAddUp() {
    var rig = SchedulerRig(workers: [2])
    rig.submit(.flat(2))
    for number in 0..<3 {
      rig.fail(attempt(0, 0, number), .transient("x"), on: 1)
      rig.fail(attempt(0, 1, number), .transient("x"), on: 1)
    }
    rig.succeed(attempt(0, 0, 3), on: 1)
    rig.succeed(attempt(0, 1, 3), on: 1)
    #expect(rig.results == [[0], [1]])
  }

  @Test(arguments: [
    (TaskFailure.fatal("no operator"), "stage 'flat', task 1, on host-1: no operator"),
    (.badInput(location: "file:x@7", message: "not JSON"), "file:x@7: not JSON"),
  ])
  func aFailureThatWouldComeAgainEndsTheJobAtOnce(_ failure: TaskFailure, _ text: String) {
    var rig = SchedulerRig(workers: [2])
    rig.submit(.flat(5))
    rig.fail(attempt(0, 1), failure, on: 1)
    #expect(rig.failure == .failed(text))
    #expect(rig.messages(1) == [.cancel([attempt(0, 0)]), .release([StageID(job: .a, number: 0)])])
    #expect(rig.launched.isEmpty)
  }

  @Test func otherJobsGoOnWhenOneFails() {
    var rig = SchedulerRig(workers: [2])
    rig.submit(.flat(1))
    rig.submit(.flat(1), of: .b)
    rig.fail(attempt(0, 0), .fatal("x"), on: 1)
    rig.succeed(attempt(0, 0, of: .b), on: 1)
    #expect(rig.results == [[0]])
  }

  @Test func aLostMapOutputIsMadeAgainAloneAndCountsAsNoFailure() {
    var rig = SchedulerRig(workers: [2]) { $0.maxAttempts = 1 }
    rig.submit(.chain(2, 1))
    rig.succeed(attempt(0, 0), on: 1)
    rig.succeed(attempt(0, 1), on: 1)
    #expect(rig.launched == [attempt(1, 0)])
    rig.fail(attempt(1, 0), .lostMapOutput(attempt(0, 1), message: "gone"), on: 1)
    #expect(rig.launched == [attempt(0, 1, 1)])
    #expect(rig.notices.count == 1)
    rig.succeed(attempt(0, 1, 1), on: 1)
    #expect(rig.launched == [attempt(1, 0, 1)])
    rig.succeed(attempt(1, 0, 1), on: 1)
    #expect(rig.results == [[0]])
  }

  @Test func anOutputMadeSinceIsLeftAlone() {
    var rig = SchedulerRig(workers: [2])
    rig.submit(.chain(1, 2))
    rig.succeed(attempt(0, 0), on: 1)
    #expect(rig.launched == [attempt(1, 0), attempt(1, 1)])
    rig.fail(attempt(1, 0), .lostMapOutput(attempt(0, 0), message: "gone"), on: 1)
    rig.succeed(attempt(0, 0, 1), on: 1)
    #expect(rig.launched == [attempt(1, 0, 1)])
    // The other reader reports the loss of the same, old output.
    rig.fail(attempt(1, 1), .lostMapOutput(attempt(0, 0), message: "gone"), on: 1)
    #expect(rig.launched == [attempt(1, 1, 1)])
    #expect(rig.notices.isEmpty)
  }

  @Test(arguments: [
    attempt(0, 0, of: .b),  // of another job
    attempt(1, 0),  // of the reader's own stage
    attempt(0, 7),  // no such task
    attempt(5, 0),  // no such stage
    attempt(0, 0, 9),  // no such attempt
  ])
  func aLossThatCannotBeIsNotBelieved(_ output: TaskAttemptID) {
    var rig = SchedulerRig(workers: [3])
    rig.submit(.chain(1, 2))
    rig.submit(.chain(1, 1), of: .b)
    rig.succeed(attempt(0, 0), on: 1)
    rig.succeed(attempt(0, 0, of: .b), on: 1)
    rig.succeed(attempt(1, 0), on: 1)
    rig.fail(attempt(1, 1), .lostMapOutput(output, message: "?"), on: 1)
    #expect(rig.launched == [attempt(1, 1, 1)])
    #expect(rig.notices.isEmpty)
  }

  @Test func aTaskThatNeverFindsItsInputEndsTheJob() {
    var rig = SchedulerRig(workers: [1]) { $0.maxLostInputs = 3 }
    rig.submit(.chain(1, 1))
    rig.succeed(attempt(0, 0), on: 1)
    for number in 0..<3 {
      rig.fail(attempt(1, 0, number), .lostMapOutput(attempt(0, 0, number), message: "gone"), on: 1)
      rig.succeed(attempt(0, 0, number + 1), on: 1)
    }
    #expect(rig.failure == nil)
    rig.fail(attempt(1, 0, 3), .lostMapOutput(attempt(0, 0, 3), message: "gone"), on: 1)
    #expect(rig.failure != nil)
  }

  @Test func aTaskThatALeavingWorkerStopsGoesElsewhereAndCountsAsNoFailure() {
    var rig = SchedulerRig(workers: [1, 1]) { $0.maxAttempts = 1 }
    rig.submit(.flat(1))
    rig.send(.draining, from: 1)
    rig.fail(attempt(0, 0), .cancelled, on: 1)
    #expect(rig.launched(2) == [attempt(0, 0, 1)])
  }

  @Test func aTaskThatKeepsStoppingUnaskedEndsTheJob() {
    var rig = SchedulerRig(workers: [1])
    rig.submit(.flat(1))
    for number in 0..<4 { rig.fail(attempt(0, 0, number), .cancelled, on: 1) }
    #expect(rig.failure?.description.contains("stopped without being asked") == true)
  }
}
