import Basics
import Engine
import Wire

/// Blocks in a fixed order: from a shuffle, or from a spill file.
public enum BlockSource {
  /// This task's partition of its n-th upstream stage.
  case upstream(Int)
  /// The same, of blocks written by ``RowWriter``.
  case rows(upstream: Int)
  case file(any SpillFile)

  /// Calls `body` with each block, checking for cancellation in between.
  /// - Returns: Bytes of the blocks as they were read.
  /// - Throws: `TaskFailure.transient`, naming the source, if `body` throws a `WireError`.
  @discardableResult
  public func forEachBlock(_ task: any TaskContext, _ body: ([UInt8]) throws -> Void) throws -> Int {
    var bytes = 0
    switch self {
    case .rows(let index):
      bytes = try BlockSource.upstream(index).forEachBlock(task) { try body(CompressedBlock.contents($0)) }
    case .upstream(let index):
      try task.forEachShuffleBlock(upstream: index) { map, block in
        try task.checkCancelled()
        task.progress(rows: 0, bytes: block.count)
        bytes += block.count
        try BlockSource.named("shuffle block of map task \(map)") { try body(block) }
      }
    case .file(let file):
      while let block = try file.next() {
        try task.checkCancelled()
        bytes += block.count
        try BlockSource.named("spill file") { try body(block) }
      }
    }
    return bytes
  }

  private static func named(_ source: @autoclosure () -> String, _ body: () throws -> Void) throws {
    do {
      try body()
    } catch let error as WireError {
      throw TaskFailure.transient("\(source()): \(error)")
    }
  }
}
