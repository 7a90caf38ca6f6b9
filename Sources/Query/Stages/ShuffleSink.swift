import Columns
import Engine
import Shuffle

/// Sends rows to the partitions that the hash of their keys decides. Rows of one partition stay in order.
final class ShuffleSink: BatchConsumer {
  /// Bytes of rows, over all partitions, after which they are sent.
  private static let runBytes = 8 << 20

  private let task: any TaskContext
  private let keys: [Evaluator]
  private var encoder: KeyEncoder
  private let buffer = KeyBuffer()
  private var waiting: [[ColumnBatch]]
  private var bytes = 0

  init(_ keys: [Expr], _ session: SessionContext, _ task: any TaskContext) throws {
    try HashPartition.check(task.outputPartitions)
    self.task = task
    self.keys = try keys.map { try Evaluator($0, session: session) }
    encoder = KeyEncoder(keys.map { KeyEncoder.Part($0.type) }, isOrdered: false)
    waiting = Array(repeating: [], count: task.outputPartitions)
  }

  func consume(_ batch: ColumnBatch) throws {
    if keys.isEmpty || waiting.count == 1 {
      waiting[0].append(batch)
    } else {
      let columns = try keys.map { try $0.column(batch) }
      encoder.encode(columns, rows: batch.rows, into: buffer)
      var rows = [[UInt32]](repeating: [], count: waiting.count)
      for row in 0..<batch.rows {
        let partition = HashPartition.of(ByteKey(buffer[row]).hash(), partitions: waiting.count)
        rows[partition].append(UInt32(row))
      }
      for (partition, rows) in rows.enumerated() where !rows.isEmpty {
        waiting[partition].append(batch.gather(rows))
      }
    }
    bytes += batch.byteCount
    if bytes >= min(ShuffleSink.runBytes, task.memory / 4) { try flush() }
  }

  private func flush() throws {
    for partition in waiting.indices {
      guard let fields = waiting[partition].first?.fields else { continue }
      try task.emit(RowBlock.bytes(.concatenate(waiting[partition], fields)), to: partition)
      waiting[partition].removeAll(keepingCapacity: true)
    }
    bytes = 0
  }

  func finish() throws { try flush() }
}
