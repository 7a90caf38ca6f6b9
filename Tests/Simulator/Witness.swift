import Engine
import Wire

/// Watches what goes into and comes out of the scheduler, and keeps a plain account of its own of what was launched where,
/// what is over, and what each worker was told, to find launches that nothing explains.
struct Witness {
  private struct Peer {
    var endpoint: String
    var slots: Int
    var isDraining = false
    var held: Set<TaskAttemptID> = []
    var launched: [TaskAttemptID] = []
    var stages: [StageID: [StageID]] = [:]
    var locations: [StageID: MapOutputLocations] = [:]
  }

  /// Most attempts behind a worker's slots.
  let maxPrefetch: Int
  private var peers: [WorkerID: Peer] = [:]
  /// What each stage of a job's present graph reads.
  private var reads: [JobID: [[Int]]] = [:]
  private var latest: [TaskID: Int] = [:]
  /// Attempts that failed, or whose worker or output is lost: the only reasons for another one.
  private var over: Set<TaskAttemptID> = []
  private(set) var violations: [String] = []
  private(set) var launches = 0
  private(set) var lostOutputs = 0

  var hasWorkers: Bool { !peers.isEmpty }
  var workers: Set<WorkerID> { Set(peers.keys) }

  init(maxPrefetch: Int) { self.maxPrefetch = maxPrefetch }

  private mutating func check(_ holds: Bool, _ text: @autoclosure () -> String) {
    if !holds { violations.append(text()) }
  }

  mutating func saw(_ event: SchedulerEvent) {
    switch event {
    case .workerJoined(let worker, let info):
      peers[worker] = Peer(endpoint: info.shuffleEndpoint, slots: info.slots)
    case .workerLost(let worker, _): lose(worker)
    case .submit(let job, let graph): reads[job] = graph.stages.map(\.upstream)
    case .message(let worker, .draining): peers[worker]?.isDraining = true
    case .message(let worker, .reports(let reports)):
      for report in reports where peers[worker]?.held.remove(report.attempt) != nil {
        guard case .failure(let failure) = report.outcome else { continue }
        over.insert(report.attempt)
        if case .lostMapOutput(let output, _) = failure {
          over.insert(output)
          lostOutputs += 1
        }
      }
    default: break
    }
  }

  private mutating func lose(_ worker: WorkerID) {
    if let peer = peers.removeValue(forKey: worker) { over.formUnion(peer.launched) }
  }

  /// - Parameter stages: The stages of a job's graph as they are after the batch of events.
  mutating func saw(_ action: SchedulerAction, stages: (JobID) -> [StageSnapshot]) {
    switch action {
    case .disconnect(let worker, _): lose(worker)
    case .send(let worker, .launch(let batch)):
      let takesTasks = peers[worker].map { !$0.isDraining } ?? false
      check(takesTasks, "a launch for \(worker), which takes no tasks")
      for stage in batch.stages { peers[worker]?.stages[stage.id] = stage.upstream }
      for source in batch.locations { peers[worker]?.locations[source.stage] = source }
      for launch in batch.tasks { saw(launch.attempt, on: worker, stages(launch.attempt.task.stage.job)) }
    case .send(let worker, .release(let released)):
      for stage in released {
        peers[worker]?.stages[stage] = nil
        peers[worker]?.locations[stage] = nil
      }
    default: break
    }
  }

  private mutating func saw(_ attempt: TaskAttemptID, on worker: WorkerID, _ stages: [StageSnapshot]) {
    launches += 1
    let task = attempt.task
    let last = latest[task] ?? -1
    check(attempt.attempt == last + 1, "\(attempt) follows attempt \(last)")
    latest[task] = attempt.attempt
    if attempt.attempt > 0 {
      let before = TaskAttemptID(task: task, attempt: attempt.attempt - 1)
      let isOver = over.contains(before)
      check(isOver, "\(attempt) is launched although \(before) is not over")
    }
    let index = stages.firstIndex { $0.id == task.stage }
    let isWanted = index.map { index in
      index == stages.count - 1
        || zip(stages, reads[task.stage.job] ?? []).contains { $0.done < $0.tasks && $1.contains(index) }
    }
    check(isWanted ?? false, "\(attempt) is launched, but nobody waits for it")
    peers[worker]?.held.insert(attempt)
    let held = peers[worker]?.held.count ?? 0
    let room = (peers[worker]?.slots ?? 0) + maxPrefetch
    check(held <= room, "\(worker) holds \(held) attempts, has room for \(room)")
    peers[worker]?.launched.append(attempt)
    guard let upstream = peers[worker]?.stages[task.stage] else {
      return check(false, "\(attempt): \(worker) does not know its stage")
    }
    for source in upstream {
      let done = stages.first { $0.id == source }
      check(
        done.map { $0.done == $0.tasks } ?? false,
        "\(attempt) is launched before its input \(source) is complete")
      guard let told = peers[worker]?.locations[source] else {
        check(false, "\(attempt): \(worker) was not told where \(source) is")
        continue
      }
      let endpoints = Set(peers.values.map(\.endpoint))
      check(told.owners.count == done?.tasks, "\(attempt): not all map outputs of \(source) are told")
      for endpoint in told.endpoints {
        check(endpoints.contains(endpoint), "\(attempt) is told to read from '\(endpoint)', which is gone")
      }
      for (partition, number) in told.attempts.enumerated() {
        let output = TaskAttemptID(task: TaskID(stage: source, partition: partition), attempt: Int(number))
        let isLost = over.contains(output)
        check(!isLost, "\(attempt) is told to read \(output), which is lost")
      }
    }
  }
}
