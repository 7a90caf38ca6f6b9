import Engine

/// Contents of runs, first in, first out: in memory as far as the task's goes, then in a file.
struct RowQueue {
  private let task: StageTask
  private var kept: [[UInt8]] = []
  private var keptBytes = 0
  private var head = 0
  private var file: (any SpillFile)?

  init(_ task: StageTask) { self.task = task }

  mutating func append(_ contents: [UInt8]) throws {
    // Once there is a file, all that comes later is after what it holds.
    if file == nil, keptBytes + contents.count <= task.context.memory / 2 {
      kept.append(contents)
      keptBytes += contents.count
    } else {
      let file = try self.file ?? task.context.spill()
      self.file = file
      try file.append(contents)
    }
  }

  /// - Returns: nil after the last. Nothing may be appended from then on.
  mutating func next() throws -> [UInt8]? {
    guard head < kept.count else { return try file?.next() }
    defer {
      kept[head] = []
      head += 1
    }
    return kept[head]
  }
}
