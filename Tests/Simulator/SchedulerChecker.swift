import Engine
import Wire

/// Watches the scheduler's inputs and outputs and keeps its own simple account: what was launched where, which attempts count,
/// and how each graph must end. The scheduler must agree with it.
struct SchedulerChecker {
  struct Peer {
    let process: Int
    let info: WorkerInfo
    var lastHeard: Int
    var drainingSince: Int?
    var exclusion: Exclusion?
    /// Attempts that the worker has and has not reported.
    var held: Set<TaskAttemptID> = []
    var cancelled: Set<TaskAttemptID> = []
    var launched: [TaskAttemptID] = []
    var launchedAt: [TaskAttemptID: Int] = [:]
    var stages: [StageID: [StageID]] = [:]
    var locations: [StageID: MapOutputLocations] = [:]
    /// The minimum number of bytes of launches that wait to be sent to the worker.
    var unsent = 0

    var takesTasks: Bool { drainingSince == nil && exclusion == nil }

    /// Attempts that occupy a slot: those that the worker received first.
    var started: [TaskAttemptID] { Array(launched.lazy.filter(held.contains).prefix(info.slots)) }
  }

  /// The attempt that counts for a task.
  struct Done {
    let attempt: TaskAttemptID
    let worker: WorkerID
    let process: Int
    let endpoint: String
  }

  struct Graph {
    /// Number of the first stage.
    let base: Int
    let names: [String]
    let reads: [[Int]]
    let tasks: [Int]
    var done: [TaskID: Done] = [:]
    /// Attempts whose success would count.
    var live: [TaskID: Set<TaskAttemptID>] = [:]
    var next: [TaskID: Int] = [:]
    /// Attempts numbered from this value on were launched after the last success.
    var open: [TaskID: Int] = [:]
    var failures: [TaskID: Int] = [:]
    var lostInputs: [TaskID: Int] = [:]
    var resultBytes = 0
    var end: End?
    /// The task that must be named as the reason for the failure.
    var poison: TaskID?

    func index(of stage: StageID) -> Int? {
      reads.indices.contains(stage.number - base) ? stage.number - base : nil
    }
  }

  /// How a graph must end.
  enum End: Equatable {
    case success
    case failure
    case cancelled
  }

  let config: SchedulerConfig
  var peers: [WorkerID: Peer] = [:]
  var graphs: [JobID: Graph] = [:]
  /// Number of stage numbers that each job has used.
  var used: [JobID: Int] = [:]
  var cancelled: Set<JobID> = []
  var released: Set<JobID> = []
  /// Attempts that failed, or whose worker or output was lost.
  var over: Set<TaskAttemptID> = []
  let findings = Findings()
  var launches = 0
  var lostOutputs = 0
  var speculativeAttempts = 0
  var exclusions = 0
  var deaths: [Death] = []
  /// Number of attempts per job that workers held before the actions of this turn.
  var heldBefore: [JobID: Int] = [:]
  /// Tasks that had to run alone at some time, which do not wait for their job's turn, and how many of them each job launched
  /// in this turn.
  var wereSuspects: Set<TaskID> = []
  var launchedAlone: [JobID: Int] = [:]
  /// Slots that each job got in this turn, and the turn in which each job last got one.
  var served: [JobID: Int] = [:]
  var lastServed: [JobID: Int] = [:]
  var turns = 0
  /// When an attempt last failed, in microseconds.
  var failedAt = -1
  /// Since when jobs have waited for a worker, in microseconds.
  var workerlessSince: Int? = 0
  var now = 0

  init(config: SchedulerConfig) { self.config = config }

  var violations: [Violation] { findings.violations }

  func check(
    _ holds: Bool, _ invariant: Invariant, _ text: @autoclosure () -> String,
    _ about: @autoclosure () -> [Subject]
  ) {
    if !holds { findings.add(Violation(invariant, text(), about())) }
  }

  /// Returns the process behind a worker as a subject, or an empty array if the worker is unknown.
  func subject(_ worker: WorkerID) -> [Subject] { peers[worker].map { [.process($0.process)] } ?? [] }

  mutating func saw(_ event: SchedulerEvent, process: (WorkerID) -> Int) {
    switch event {
    case .workerJoined(let worker, let info):
      // A process has only one connection, so its other workers are dead.
      for (id, peer) in peers where peer.process == process(worker) { lose(id) }
      peers[worker] = Peer(process: process(worker), info: info, lastHeard: now)
      workerlessSince = nil
      strikeDeath(of: process(worker))
    case .workerLost(let worker, _):
      noteDeath(of: worker)
      lose(worker)
    case .submit(let job, let graph): submit(graph, of: job)
    case .cancel(let job): cancel(job)
    case .release(let job):
      cancel(job)
      released.insert(job)
    case .message(let worker, let message):
      guard peers[worker] != nil else { return }
      peers[worker]?.lastHeard = now
      if case .draining = message, peers[worker]?.drainingSince == nil { peers[worker]?.drainingSince = now }
      if case .reports(let reports) = message { for report in reports { saw(report, from: worker) } }
    case .heard(let worker): peers[worker]?.lastHeard = now
    case .unsent(let worker, let bytes): peers[worker]?.unsent = bytes
    case .fail(let job, _): end(job, as: .failure)
    case .dropCache, .tick: break
    }
  }

  private mutating func submit(_ graph: StageGraph, of job: JobID) {
    // A new job may reuse the name of a released job, but not while workers hold attempts with that name.
    if released.contains(job),
      !peers.values.contains(where: { $0.held.contains { $0.task.stage.job == job } })
    {
      released.remove(job)
      cancelled.remove(job)
      used[job] = nil
      lastServed[job] = nil
    }
    if workerlessSince != nil, graphs.isEmpty { workerlessSince = now }
    let base = used[job] ?? 0
    used[job] = base + graph.stages.count
    var new = Graph(
      base: base, names: graph.stages.map(\.name), reads: graph.stages.map(\.upstream),
      tasks: graph.stages.map(\.tasks.count))
    if cancelled.contains(job) { new.end = .cancelled }
    let hasLargePart = graph.stages.contains { stage in
      let sizes = stage.tasks.map { $0.input.count + ($0.cacheKey?.utf8.count ?? 0) }
      return (sizes + [stage.parameters.count + stage.operatorName.utf8.count]).contains {
        $0 > config.messages.part
      }
    }
    if new.end == nil, hasLargePart { new.end = .failure }
    if new.end == nil, new.tasks.last == 0 { new.end = .success }
    graphs[job] = new
  }

  private mutating func cancel(_ job: JobID) {
    guard used[job] != nil else { return }
    cancelled.insert(job)
    end(job, as: .cancelled)
  }

  /// A report counts if the worker has the attempt and the task still waits for it.
  private mutating func saw(_ report: TaskReport, from worker: WorkerID) {
    let attempt = report.attempt
    guard let peer = peers[worker], peers[worker]?.held.remove(attempt) != nil else { return }
    let task = attempt.task
    guard let graph = graphs[task.stage.job], graph.end == nil, let stage = graph.index(of: task.stage),
      graph.live[task]?.contains(attempt) == true
    else { return }
    graphs[task.stage.job]?.live[task]?.remove(attempt)
    switch report.outcome {
    case .success(let success):
      graphs[task.stage.job]?.live[task] = []
      graphs[task.stage.job]?.open[task] = graph.next[task]
      clear(task)
      graphs[task.stage.job]?.done[task] = Done(
        attempt: attempt, worker: worker, process: peer.process, endpoint: peer.info.shuffleEndpoint)
      if stage == graph.reads.count - 1 {
        graphs[task.stage.job]?.resultBytes += success.result.count
        if graph.resultBytes + success.result.count > config.maxResultBytes {
          end(task.stage.job, as: .failure)
        }
      }
      if stage == graph.reads.count - 1,
        graphs[task.stage.job]?.done.keys.count(where: { $0.stage == task.stage }) == graph.tasks[stage]
      {
        end(task.stage.job, as: .success)
      }
    case .failure(let failure):
      failedAt = now
      over.insert(attempt)
      switch failure {
      case .fatal, .badInput: end(task.stage.job, as: .failure)
      case .lostMapOutput(let output, _):
        over.insert(output)
        lostOutputs += 1
        graphs[task.stage.job]?.lostInputs[task, default: 0] += 1
        if graph.lostInputs[task] ?? 0 >= config.maxLostInputs { end(task.stage.job, as: .failure) }
      case .cancelled where peer.drainingSince != nil: break
      case .cancelled, .transient:
        graphs[task.stage.job]?.failures[task, default: 0] += 1
        if (graph.failures[task] ?? 0) + 1 >= config.maxAttempts { end(task.stage.job, as: .failure) }
      }
    }
  }

  /// Sets how the graph must end. The first call decides.
  mutating func end(_ job: JobID, as end: End) {
    guard graphs[job] != nil, graphs[job]?.end == nil else { return }
    graphs[job]?.end = end
    forgetDeaths(of: job)
  }

  mutating func lose(_ worker: WorkerID) {
    guard let peer = peers.removeValue(forKey: worker) else { return }
    giveUp(peer)
    if peers.isEmpty { workerlessSince = now }
  }

  private mutating func giveUp(_ peer: Peer) {
    over.formUnion(peer.launched)
    for attempt in peer.launched {
      graphs[attempt.task.stage.job]?.live[attempt.task]?.remove(attempt)
    }
  }

  /// The scheduler decides which workers to exclude, but it must not exclude all of them.
  mutating func saw(_ workers: [WorkerSnapshot]) {
    let before = peers
    for worker in workers {
      guard let peer = peers[worker.id], peer.exclusion != worker.exclusion else { continue }
      let others = peers.contains { $0.key != worker.id && $0.value.takesTasks }
      if let exclusion = worker.exclusion {
        // A worker that is leaving is not included again when the other workers are gone, which may happen in the same step.
        check(
          others || peer.drainingSince == now, .explained, "\(worker.id) is left out, and no other is there",
          subject(worker.id))
        exclusions += 1
        if exclusion.isUnreachable { giveUp(peer) }
      } else if let until = peer.exclusion?.until, .microseconds(now) < until {
        let usable = workers.contains {
          $0.id != worker.id && before[$0.id]?.takesTasks == true && !$0.isQuiet
        }
        // After a failure, the other worker may have been excluded and included again in the same step, unobserved.
        check(
          !usable || failedAt == now, .explained, "\(worker.id) gets tasks before its time",
          subject(worker.id))
      }
      peers[worker.id]?.exclusion = worker.exclusion
    }
  }

  // MARK: Derived from the account

  /// Whether the output of every task exists.
  func isComplete(_ stage: Int, of job: JobID, _ graph: Graph) -> Bool {
    let id = StageID(job: job, number: graph.base + stage)
    return (0..<graph.tasks[stage]).allSatisfy { partition in
      let done = graph.done[TaskID(stage: id, partition: partition)]
      return done.map { stage == graph.tasks.count - 1 || !over.contains($0.attempt) } ?? false
    }
  }

  /// Whether an incomplete stage reads it, or its results are awaited.
  func isWanted(_ stage: Int, of job: JobID, _ graph: Graph) -> Bool {
    stage == graph.reads.count - 1
      || graph.reads.indices.contains { graph.reads[$0].contains(stage) && !isComplete($0, of: job, graph) }
  }

  /// Whether the worker holds a map output that a graph still needs for its results.
  func holdsNeededOutputs(_ worker: WorkerID) -> Bool {
    graphs.contains { job, graph in
      guard graph.end == nil else { return false }
      var needed = graph.reads.indices.map { $0 == graph.reads.count - 1 }
      for stage in graph.reads.indices.reversed() where needed[stage] && !isComplete(stage, of: job, graph) {
        for upstream in graph.reads[stage] { needed[upstream] = true }
      }
      return graph.done.contains { task, done in
        let stage = graph.index(of: task.stage)
        let isRead = stage.map { stage in
          stage < graph.reads.count - 1 && needed[stage]
            && graph.reads.indices.contains {
              graph.reads[$0].contains(stage) && needed[$0] && !isComplete($0, of: job, graph)
            }
        }
        return done.worker == worker && !over.contains(done.attempt) && isRead ?? false
      }
    }
  }

  // MARK: For traces

  /// Returns a few tasks of a job's graph that have no result yet.
  func unfinished(of job: JobID) -> [Subject] {
    guard let graph = graphs[job] else { return [.job(job)] }
    var tasks: [Subject] = []
    for stage in graph.tasks.indices where isWanted(stage, of: job, graph) {
      for partition in 0..<graph.tasks[stage] {
        let task = TaskID(stage: StageID(job: job, number: graph.base + stage), partition: partition)
        let isDone = graph.done[task].map { !over.contains($0.attempt) } ?? false
        if !isDone { tasks.append(.task(task)) }
      }
    }
    return [.job(job)] + tasks.prefix(3)
  }

  /// State that workers should not have once every job is over.
  var leftovers: [Subject] {
    let attempts = peers.values.flatMap(\.held).sorted()
    return attempts.prefix(3).map { .task($0.task) }
      + peers.values.filter { !$0.stages.isEmpty }.map(\.process).sorted().map { .process($0) }
  }
}
