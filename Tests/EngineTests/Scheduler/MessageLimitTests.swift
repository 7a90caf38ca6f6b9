import Engine
import Testing
import Wire

/// Sizes of messages, and workers whose queues are full.
@Suite struct MessageLimitTests {
  private static func graph(parameters: Int = 0, input: Int = 0, tasks: Int = 4) -> StageGraph {
    let bytes = { [UInt8](repeating: 0, count: $0) }
    return StageGraph([
      StageSpec(
        name: "big", operatorName: "op", parameters: bytes(parameters),
        tasks: (0..<tasks).map { _ in TaskSpec(input: bytes(input)) })
    ])
  }

  private static func rig(_ slots: Int = 4) -> SchedulerRig {
    SchedulerRig(workers: [slots]) {
      $0.messages.part = 1000
      $0.messages.batch = 800
      $0.messages.unsent = 2000
    }
  }

  @Test(arguments: [
    (graph(parameters: 1000), "stage 'big': its parameters have 1002 bytes"),
    (graph(input: 1001), "stage 'big': the input of task 0 has 1001 bytes"),
  ])
  func aPartThatIsTooLargeFailsItsJob(graph: StageGraph, message: String) {
    var rig = Self.rig()
    rig.submit(graph)
    #expect(rig.failure?.description.hasPrefix(message) == true)
    #expect(rig.launched.isEmpty && rig.disconnected.isEmpty)
    rig.submit(.flat(1))
    #expect(rig.launched.count == 1)
  }

  @Test func launchesAreSplitIntoMessages() {
    var rig = Self.rig()
    rig.submit(Self.graph(parameters: 500, input: 300))
    #expect(rig.launched.count == 4)
    #expect(rig.batches.count == 3)
    #expect(rig.batches.first?.batch.stages.count == 1)
  }

  @Test func aFullQueueHoldsTasksBack() {
    var rig = Self.rig()
    rig.submit(Self.graph(input: 900))
    #expect(rig.launched.count == 3)
    #expect(rig.scheduler.workersWithFullQueues == [WorkerID(1)])
    rig.handle(.unsent(WorkerID(1), bytes: 2000))
    #expect(rig.launched.isEmpty)
    rig.handle(.unsent(WorkerID(1), bytes: 1999))
    #expect(rig.launched == [attempt(0, 3)])
  }

  @Test func bytesOfIncompleteMessagesKeepAWorker() {
    var rig = SchedulerRig(workers: [1])
    for _ in 0..<20 {
      rig.handle(.heard(WorkerID(1)))
      rig.pass(.seconds(1))
    }
    #expect(rig.disconnected.isEmpty)
    rig.pass(.seconds(9))
    #expect(rig.disconnected == [1])
  }
}
