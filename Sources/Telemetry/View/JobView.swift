import Basics
import Jobs
import Wire

/// A job as its page shows it. Bounded in size: repeated stages are merged, the timeline has a fixed number of columns, and only
/// the last failures are kept, while all are counted.
package struct JobView: Sendable {
  package struct Problem: Hashable, Sendable {
    package var at: Moment
    package let stage: String
    package let partition: Int
    package let attempt: Int
    package let worker: WorkerID
    package let kind: String
    package let message: String
  }

  package static let groupLimit = 60
  package static let problemLimit = 30

  package private(set) var record: JobRecord
  package private(set) var groups: [StageGroup] = []
  package private(set) var timeline = Timeline()
  package private(set) var problems: [Problem] = []
  package private(set) var failedAttempts = 0
  package private(set) var lostAttempts = 0
  package private(set) var cancelledAttempts = 0
  /// Workers that ran its tasks, for the names in its timeline.
  package private(set) var workers: [WorkerID: (name: String, slots: Int)] = [:]
  /// Groups of the stages of the current and the last graph, by stage number.
  private var present: [Int: Int] = [:]
  private var firstOfPresent = 0
  /// First group of each graph shape.
  private var shapes: [String: Int] = [:]

  package init(_ record: JobRecord) { self.record = record }

  /// Ready tasks that wait for a slot.
  package var queuedTasks: Int {
    groups.reduce(0) { sum, group in
      let isReady = group.upstream.allSatisfy { !groups[$0].isRunning }
      let left = group.numbers.tasks - group.numbers.done - group.numbers.running
      return group.isRunning && isReady ? sum + max(0, left) : sum
    }
  }

  package var runningTasks: Int { groups.reduce(0) { $1.isRunning ? $0 + $1.numbers.running : $0 } }

  package mutating func begin(at now: Moment) {
    record.begin(at: now)
    // Stage numbers restart.
    present = [:]
  }

  package mutating func apply(_ event: JobEvent, at now: Moment) { record.apply(event, at: now) }

  package mutating func know(_ worker: WorkerID, _ info: WorkerInfo) {
    workers[worker] = (info.name, info.slots)
  }

  package mutating func begin(_ graph: [PlannedStage], step: Int) {
    guard let first = graph.first?.number else { return }
    present = present.filter { $0.key >= firstOfPresent && $0.key < first }
    firstOfPresent = first
    let shape =
      "\(step)\n"
      + graph.map { "\($0.name)\n\($0.operatorName)\n\($0.upstream.count)" }.joined(separator: "\n")
    let base: Int
    if let known = shapes[shape] {
      base = known
    } else if groups.count + graph.count <= JobView.groupLimit {
      base = groups.count
      shapes[shape] = base
      for (offset, outline) in graph.enumerated() {
        let upstream = outline.upstream.map { base + $0 - first }.filter {
          (base..<base + offset).contains($0)
        }
        groups.append(StageGroup(outline, step: step, upstream: upstream))
      }
    } else {
      return
    }
    for (offset, outline) in graph.enumerated() {
      groups[base + offset].begin(outline)
      present[outline.number] = base + offset
    }
  }

  package mutating func update(_ stages: [StageNumbers], isEnd: Bool, at now: Moment) {
    for numbers in stages {
      if let group = present[numbers.number] { groups[group].update(numbers, isEnd: isEnd, at: now) }
    }
  }

  package mutating func add(_ attempt: AttemptRecord) {
    guard let group = present[attempt.stage] else { return }
    groups[group].add(attempt)
    var failed = false
    switch attempt.outcome {
    case .success: break
    case .lost:
      lostAttempts += 1
      failed = true
      note(attempt, group, "lost", "the worker is gone")
    case .failed(.cancelled): cancelledAttempts += 1
    case .failed(let failure):
      failedAttempts += 1
      failed = true
      note(attempt, group, failure.kind, failure.message)
    }
    timeline.add(attempt.worker, from: attempt.started, to: attempt.ended, group: group, failed: failed)
  }

  private mutating func note(_ attempt: AttemptRecord, _ group: Int, _ kind: String, _ message: String) {
    problems.append(
      Problem(
        at: attempt.ended, stage: groups[group].name, partition: attempt.partition, attempt: attempt.attempt,
        worker: attempt.worker, kind: kind, message: String(message.prefix(2000))))
    if problems.count > JobView.problemLimit { problems.removeFirst() }
  }
}

extension TaskFailure {
  /// A one-word label for logs and metrics.
  package var kind: String {
    switch self {
    case .transient: "transient"
    case .fatal: "fatal"
    case .badInput: "bad_input"
    case .lostMapOutput: "lost_map_output"
    case .cancelled: "cancelled"
    }
  }
}
