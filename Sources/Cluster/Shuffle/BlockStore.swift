import Synchronization
import Wire

/// The map outputs that a worker keeps: for each attempt one block a shuffle partition. Any thread.
final class BlockStore: Sendable {
  private let stages = Mutex<[StageID: [TaskAttemptID: [[UInt8]]]]>([:])

  func put(_ blocks: [[UInt8]], of attempt: TaskAttemptID) {
    stages.withLock { $0[attempt.task.stage, default: [:]][attempt] = blocks }
  }

  /// Nil where the attempt's output is not (or no longer) here.
  func block(of attempt: TaskAttemptID, partition: Int) -> [UInt8]? {
    stages.withLock { stages in
      guard let blocks = stages[attempt.task.stage]?[attempt], blocks.indices.contains(partition) else {
        return nil
      }
      return blocks[partition]
    }
  }

  func drop(_ stage: StageID) { _ = stages.withLock { $0.removeValue(forKey: stage) } }

  func dropAll() { stages.withLock { $0.removeAll() } }
}
