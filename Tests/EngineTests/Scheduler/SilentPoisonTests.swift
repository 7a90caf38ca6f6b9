import Testing
import Wire

/// Tasks whose workers die so that the driver learns it late, or never: with their machines.
@Suite struct SilentPoisonTests {
  /// A job of two readers, of which the first was there when worker 1 died: one death more and it is guilty. It runs on worker 2,
  /// which cannot be reached from worker 3, where the second one ran.
  private func outOfReach() -> (SchedulerRig, suspect: TaskAttemptID) {
    var rig = SchedulerRig(workers: [1]) {
      $0.maxKilledWorkers = 2
      $0.exclusion.lostOutputs = 1
    }
    rig.submit(.chain(2, 2))
    rig.succeed(attempt(0, 0), on: 1)
    rig.succeed(attempt(0, 1), on: 1)
    #expect(rig.launched == [attempt(1, 0)])
    rig.lose(1)
    rig.join(2, slots: 2)
    rig.succeed(attempt(0, 0, 1), on: 2)
    rig.succeed(attempt(0, 1, 1), on: 2)
    #expect(rig.launched == [attempt(1, 0, 1)], "it runs alone")
    rig.join(3, slots: 2)
    #expect(rig.launched == [attempt(1, 1)])
    rig.fail(attempt(1, 1), .lostMapOutput(attempt(0, 0, 1), message: "no answer"), on: 3)
    #expect(rig.messages(2).contains(.cancel([attempt(1, 0, 1)])))
    rig.succeed(attempt(0, 0, 2), on: 3)
    rig.succeed(attempt(0, 1, 2), on: 3)
    #expect(rig.launched == [attempt(1, 1, 1)])
    rig.join(4, slots: 2)
    #expect(rig.launched.isEmpty, "what became of it on worker 2 is not known")
    return (rig, attempt(1, 0, 1))
  }

  @Test func aSuspectIsTriedAgainOnceItsLastTryHasEnded() {
    var (rig, suspect) = outOfReach()
    rig.fail(suspect, .cancelled, on: 2)
    #expect(rig.launched(4) == [attempt(1, 0, 2)])
  }

  @Test func aSuspectThatKilledItsWorkerUnseenKillsNoOther() {
    var (rig, _) = outOfReach()
    rig.lose(2)
    guard case .poisonTask(let task) = rig.failure else { return #expect(Bool(false), "nobody is guilty") }
    #expect(task.stage == "s1" && task.partition == 0 && task.workers == ["host-1", "host-2"])
  }

  /// It waits among others when its worker's death is noticed: it is not launched with them.
  @Test func whoBecomesASuspectWhileItWaitsRunsAlone() {
    var rig = SchedulerRig(workers: [1]) {
      $0.maxKilledWorkers = 2
      $0.exclusion.lostOutputs = 1
    }
    rig.submit(.chain(2, 3))
    rig.succeed(attempt(0, 0), on: 1)
    rig.join(2, slots: 3)
    rig.succeed(attempt(0, 1), on: 1)
    let suspects = rig.launched(1)
    let others = rig.launched(2)
    #expect(suspects.count == 1 && others.count == 2)
    rig.send(
      .reports(
        others.map {
          TaskReport(attempt: $0, outcome: .failure(.lostMapOutput(attempt(0, 0), message: "no answer")))
        }), from: 2)
    #expect(rig.messages(1).contains(.cancel(suspects)), "it waits with the others for its inputs")
    rig.lose(1)
    let inputs = [attempt(0, 0, 1), attempt(0, 1, 1)]
    rig.succeed(inputs[0], on: 2)
    rig.succeed(inputs[1], on: 2)
    let alone = rig.launched.filter { $0.task == suspects[0].task }
    #expect(rig.launched.count == (alone.isEmpty ? 2 : 1), "not beside the others")
  }
}
