import Engine

/// Blocks, first in, first out: in memory up to half of the task's, then in a spill file.
public struct BlockQueue {
  private let task: any TaskContext
  private var kept: [[UInt8]] = []
  private var keptBytes = 0
  private var head = 0
  private var file: (any SpillFile)?

  public init(_ task: any TaskContext) { self.task = task }

  public mutating func append(_ block: [UInt8]) throws {
    // Once there is a file, later blocks go there too: they come after it.
    if file == nil, keptBytes + block.count <= task.memory / 2 {
      kept.append(block)
      keptBytes += block.count
    } else {
      let file = try self.file ?? task.spill()
      self.file = file
      try file.append(block)
    }
  }

  /// Returns nil after the last block. Nothing may be appended after the first call.
  public mutating func next() throws -> [UInt8]? {
    guard head < kept.count else { return try file?.next() }
    defer {
      kept[head] = []
      head += 1
    }
    return kept[head]
  }
}
