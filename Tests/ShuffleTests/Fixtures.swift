import Engine
import Shuffle
import Wire

/// A task with blocks in memory, and spill files that count.
final class FakeTask: TaskContext {
  private final class File: SpillFile {
    private var blocks: [[UInt8]] = []
    private var next_ = 0

    func append(_ block: [UInt8]) throws { blocks.append(block) }

    func next() throws -> [UInt8]? {
      guard next_ < blocks.count else { return nil }
      defer { next_ += 1 }
      return blocks[next_]
    }
  }

  let attempt = TaskAttemptID(
    task: TaskID(stage: StageID(job: JobID("test"), number: 0), partition: 0), attempt: 0)
  let input: [UInt8] = []
  let outputPartitions: Int
  let memory: Int
  /// By upstream stage.
  private let blocks: [[[UInt8]]]
  /// What was emitted, by partition.
  private(set) var emitted: [[[UInt8]]]
  private(set) var spillFiles = 0

  init(memory: Int = 1 << 20, blocks: [[[UInt8]]] = [], outputPartitions: Int = 0) {
    self.memory = memory
    self.blocks = blocks
    self.outputPartitions = outputPartitions
    emitted = Array(repeating: [], count: outputPartitions)
  }

  func checkCancelled() throws {}

  func forEachShuffleBlock(upstream: Int, _ body: (Int, [UInt8]) throws -> Void) throws {
    for (map, block) in blocks[upstream].enumerated() { try body(map, block) }
  }

  func emit(_ run: [UInt8], to partition: Int) throws { emitted[partition].append(run) }

  func spill() throws -> any SpillFile {
    spillFiles += 1
    return File()
  }

  func progress(rows: Int, bytes: Int) {}

  func cached<Value: Sendable>(_ make: () throws -> (value: Value, bytes: Int)) throws -> Value {
    try make().value
  }
}
