import Basics
import Engine
import Synchronization
import Transport
import Wire

/// The executor slots: one thread each, which runs task attempts in turn.
final class SlotPool: Sendable {
  typealias Work = (run: TaskRun, stage: StageDefinition)

  private struct Queue: Sendable {
    var waiting: [Work] = []
    var head = 0
    var isClosed = false
    var busy = 0
  }

  private let queue = Monitor(Queue())
  private let running = Mutex<[TaskAttemptID: TaskRun]>([:])
  private let operators: OperatorCache
  private let onIdle: @Sendable () -> Void

  /// - Parameters:
  ///   - onStart: Called on the slot's thread before its first task.
  ///   - onIdle: Called on the slot's thread after each task, before it is reported.
  init(
    slots: Int, registry: OperatorRegistry, onStart: @escaping @Sendable () -> Void = {},
    onIdle: @escaping @Sendable () -> Void = {},
    ended: @escaping @Sendable (TaskReport) -> Void
  ) throws {
    operators = OperatorCache(registry)
    self.onIdle = onIdle
    for slot in 0..<slots {
      try startThread("slot-\(slot)") {
        onStart()
        self.work(ended)
      }
    }
  }

  /// The runtime starts no more attempts than slots, so nothing waits here for long.
  func start(_ run: TaskRun, _ stage: StageDefinition) {
    running.withLock { $0[run.attempt] = run }
    queue.change { $0.waiting.append((run, stage)) }
  }

  func interrupt(_ attempt: TaskAttemptID) { running.withLock { $0[attempt] }?.interrupt() }

  func forget(_ stage: StageID) { operators.forget(stage) }

  var progress: [TaskProgress] { running.withLock { Array($0.values) }.map(\.currentProgress) }

  /// Interrupts running tasks and waits for the threads, at most `limit`.
  func close(within limit: Duration) {
    queue.change { $0.isClosed = true }
    for run in running.withLock({ Array($0.values) }) { run.interrupt() }
    _ = queue.wait(limit) { $0.busy == 0 ? true : nil }
  }

  private func work(_ ended: @Sendable (TaskReport) -> Void) {
    while true {
      let next = queue.wait(.seconds(60)) { queue -> Work?? in
        if queue.isClosed { return .some(nil) }
        guard queue.head < queue.waiting.count else { return nil }
        defer {
          queue.head += 1
          if queue.head == queue.waiting.count {
            queue.waiting.removeAll(keepingCapacity: true)
            queue.head = 0
          }
        }
        queue.busy += 1
        return queue.waiting[queue.head]
      }
      guard let next else { continue }
      guard let (run, stage) = next else { return }
      let report = run.report { try operators.make(stage) }
      onIdle()
      _ = running.withLock { $0.removeValue(forKey: run.attempt) }
      queue.change { $0.busy -= 1 }
      ended(report)
    }
  }
}

/// One operator per stage, created once.
private final class OperatorCache: Sendable {
  private let registry: OperatorRegistry
  private let made = Mutex<[StageID: any Operator]>([:])

  init(_ registry: OperatorRegistry) { self.registry = registry }

  func make(_ stage: StageDefinition) throws -> any Operator {
    if let found = made.withLock({ $0[stage.id] }) { return found }
    let new = try registry.make(stage.operatorName, parameters: stage.parameters)
    made.withLock { $0[stage.id] = new }
    return new
  }

  func forget(_ stage: StageID) { _ = made.withLock { $0.removeValue(forKey: stage) } }
}
