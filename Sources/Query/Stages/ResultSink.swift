import Basics
import Columns

/// Collects a task's rows for the driver.
final class ResultSink: BatchConsumer {
  private(set) var blocks: [[UInt8]] = []
  private(set) var rows = 0
  private var waiting: [ColumnBatch] = []
  private var waitingBytes = 0

  /// Bytes of rows that make a block.
  private static let blockBytes = 1 << 20

  func consume(_ batch: ColumnBatch) throws {
    rows += batch.rows
    waiting.append(batch)
    waitingBytes += batch.byteCount
    if waitingBytes >= ResultSink.blockBytes { try flush() }
  }

  private func flush() throws {
    guard let fields = waiting.first?.fields else { return }
    blocks.append(try RowBlock.bytes(.concatenate(waiting, fields)))
    waiting = []
    waitingBytes = 0
  }

  func finish() throws { try flush() }
}
