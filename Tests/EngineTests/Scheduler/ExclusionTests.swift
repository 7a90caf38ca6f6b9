import Testing
import Wire

@Suite struct ExclusionTests {
  /// Three different tasks have failed on worker 1.
  private func badWorker(_ workers: [Int] = [3, 3]) -> SchedulerRig {
    var rig = SchedulerRig(workers: workers)
    rig.submit(.flat(6))
    for partition in rig.batchesOfStart[0].prefix(3) { rig.fail(partition, .transient("disk"), on: 1) }
    return rig
  }

  private func isExcluded(_ rig: SchedulerRig, _ worker: Int) -> Bool {
    rig.scheduler.workerSnapshots.first { $0.id == WorkerID(worker) }?.exclusion != nil
  }

  @Test func aWorkerThatFailsManyTasksIsLeftOutForAWhile() {
    var rig = badWorker()
    #expect(isExcluded(rig, 1) && !isExcluded(rig, 2))
    #expect(rig.notices.contains { $0.contains("host-1 gets no tasks for 60 s: 3 tasks failed on it") })
    #expect(rig.launched(1).isEmpty)
    rig.submit(.flat(8), of: .b)
    #expect(rig.launched(1).isEmpty)
    rig.send(.heartbeat([]), from: 1)
    rig.send(.heartbeat([]), from: 2)
    for _ in 0..<61 {
      rig.now += .seconds(1)
      rig.handle(
        .message(WorkerID(1), .heartbeat([])), .message(WorkerID(2), .heartbeat([])), .tick)
      if !isExcluded(rig, 1) { break }
    }
    #expect(rig.notices.contains { $0.contains("host-1 gets tasks again") })
    #expect(!rig.launched(1).isEmpty)
  }

  @Test func theSameTaskAgainAndAgainIsNotTheWorkersFault() {
    var rig = SchedulerRig(workers: [1, 1])
    rig.submit(.flat(1))
    for number in 0..<3 {
      let worker = rig.launched(1).isEmpty ? 2 : 1
      rig.fail(attempt(0, 0, number), .transient("x"), on: worker)
    }
    #expect(!isExcluded(rig, 1) && !isExcluded(rig, 2))
  }

  @Test func tasksThatFailEverywhereAreNobodysFault() {
    var rig = SchedulerRig(workers: [3, 3])
    rig.submit(.flat(6))
    for index in 0..<3 {
      rig.fail(rig.batchesOfStart[0][index], .transient("x"), on: 1)
      rig.fail(rig.batchesOfStart[1][index], .transient("x"), on: 2)
    }
    #expect(!isExcluded(rig, 1) && !isExcluded(rig, 2))
  }

  @Test func failuresOfLongAgoAreForgotten() {
    var rig = SchedulerRig(workers: [3, 3])
    rig.submit(.flat(6))
    for partition in rig.batchesOfStart[0].prefix(2) { rig.fail(partition, .transient("x"), on: 1) }
    for _ in 0..<62 {
      rig.now += .seconds(1)
      rig.handle(.message(WorkerID(1), .heartbeat([])), .message(WorkerID(2), .heartbeat([])), .tick)
    }
    rig.fail(rig.batchesOfStart[0][2], .transient("x"), on: 1)
    #expect(!isExcluded(rig, 1))
  }

  @Test func neverTheLastOne() {
    let rig = badWorker([6])
    #expect(!isExcluded(rig, 1))
  }

  @Test func itComesBackWhenNoOtherIsLeft() {
    var rig = badWorker()
    rig.lose(2)
    #expect(!isExcluded(rig, 1))
    #expect(rig.notices.contains { $0.contains("gets tasks again: no other is left") })
    #expect(!rig.launched(1).isEmpty)
  }

  /// Worker 1 is heard by the driver but cannot be reached by worker 2: after two outputs that could not be fetched all that
  /// it has made is made again elsewhere, at once.
  @Test func aWorkerThatOthersCannotReach() {
    var rig = SchedulerRig(workers: [1, 1])
    rig.submit(.chain(6, 1))
    var done: [TaskAttemptID: Int] = [:]
    var open = rig.batchesOfStart.enumerated().flatMap { index, list in list.map { ($0, index + 1) } }
    while let (next, worker) = open.popLast() {
      rig.succeed(next, on: worker)
      done[next] = worker
      open += rig.launched(1).filter { $0.task.stage.number == 0 }.map { ($0, 1) }
      open += rig.launched(2).filter { $0.task.stage.number == 0 }.map { ($0, 2) }
    }
    let unreachable = rig.launched(1).isEmpty ? 1 : 2
    let reader = 3 - unreachable
    let lost = done.filter { $0.value == unreachable }.keys.sorted()
    #expect(lost.count >= 2)
    rig.fail(attempt(1, 0), .lostMapOutput(lost[0], message: "no route"), on: reader)
    #expect(!isExcluded(rig, unreachable))
    // It was made again on the same worker, so the reader fails once more, by another output.
    if let again = rig.launched(unreachable).first { rig.succeed(again, on: unreachable) }
    if let again = rig.launched(reader).first(where: { $0.task.stage.number == 0 }) {
      rig.succeed(again, on: reader)
    }
    let next = rig.launched.first { $0.task.stage.number == 1 }
    if let next {
      rig.fail(next, .lostMapOutput(lost[1], message: "no route"), on: rig.launched(1).isEmpty ? 2 : 1)
    }
    #expect(isExcluded(rig, 1) != isExcluded(rig, 2))
    #expect(rig.notices.contains { $0.contains("map outputs could not be fetched") })
  }
}

extension SchedulerRig {
  /// What a first graph of flat tasks, dealt out in turns, has on each worker.
  fileprivate var batchesOfStart: [[TaskAttemptID]] {
    scheduler.workerSnapshots.indices.map { index in
      let slots = scheduler.workerSnapshots[index].info.slots
      return (0..<slots).map { attempt(0, $0 * scheduler.workerSnapshots.count + index) }
    }
  }
}
