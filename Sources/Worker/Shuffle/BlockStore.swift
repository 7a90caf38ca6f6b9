import Synchronization
import Wire

/// The map outputs that a worker serves: in memory while its share has room, else in one temporary file per
/// stage, whose space is freed when the stage is dropped. Can be used from any thread.
package final class BlockStore: Sendable {
  private struct Stage: Sendable {
    var outputs: [TaskAttemptID: MapOutput] = [:]
    /// Opened when something is spilled.
    var file: ScratchFile?
  }

  private let pool: MemoryPool
  private let scratch: Scratch
  /// Called to release bytes of the pool when it is full.
  private let makeRoom: @Sendable (Int) -> Void
  private let stages = Mutex<[StageID: Stage]>([:])

  package init(_ pool: MemoryPool, _ scratch: Scratch, makeRoom: @escaping @Sendable (Int) -> Void = { _ in })
  {
    self.pool = pool
    self.scratch = scratch
    self.makeRoom = makeRoom
  }

  package func put(_ output: MapOutput, of attempt: TaskAttemptID) {
    let replaced = stages.withLock {
      $0[attempt.task.stage, default: Stage()].outputs.updateValue(output, forKey: attempt)
    }
    replaced?.discard()
  }

  /// nil if the attempt's output is not here, or no longer.
  package func runs(of attempt: TaskAttemptID, partition: Int) -> [BlockRun]? {
    stages.withLock { stages in
      guard let output = stages[attempt.task.stage]?.outputs[attempt],
        output.partitions.indices.contains(partition)
      else { return nil }
      return output.partitions[partition]
    }
  }

  package func drop(_ stage: StageID) {
    let dropped = stages.withLock { $0.removeValue(forKey: stage) }
    guard let dropped else { return }
    for output in dropped.outputs.values { pool.release(output.held) }
  }

  package func dropAll() {
    for stage in stages.withLock({ Array($0.keys) }) { drop(stage) }
  }

  /// Bytes in memory and on disk, for tests and metrics.
  package var kept: (held: Int, spilled: Int) {
    stages.withLock { stages in
      stages.values.flatMap(\.outputs.values).reduce((0, 0)) { ($0.0 + $1.held, $0.1 + $1.spilled) }
    }
  }

  // MARK: For `MapOutput`

  func reserve(_ bytes: Int) -> Bool {
    if pool.reserve(bytes) { return true }
    makeRoom(bytes)
    return pool.reserve(bytes)
  }

  func release(_ bytes: Int) { pool.release(bytes) }

  func file(of stage: StageID) throws(TaskFailure) -> ScratchFile {
    try stages.withLock { stages throws(TaskFailure) in
      if let file = stages[stage]?.file { return file }
      let file = try scratch.file()
      stages[stage, default: Stage()].file = file
      return file
    }
  }
}
