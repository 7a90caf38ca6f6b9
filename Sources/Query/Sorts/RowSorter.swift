import Columns
import Shuffle

/// Orders the rows of a batch by sort keys; rows with equal keys stay in order.
package final class RowSorter {
  private let evaluators: [Evaluator]
  private var encoder: KeyEncoder
  private let buffer = KeyBuffer()

  package init(_ keys: [SortKey], _ session: SessionContext) throws {
    evaluators = try keys.map { try Evaluator($0.expr, session: session) }
    encoder = KeyEncoder(
      keys.map { KeyEncoder.Part($0.expr.type, isDescending: $0.isDescending, nullsFirst: $0.nullsFirst) },
      isOrdered: true)
  }

  /// - Returns: Row numbers in order, at most `limit` of them.
  package func order(_ batch: ColumnBatch, limit: Int = .max) throws -> [UInt32] {
    try encode(batch, into: buffer)
    let sorted = ByteOrder.sorted(batch.rows) { buffer[$0] }
    let count = min(limit, batch.rows)
    return [UInt32](unsafeUninitializedCapacity: count) { target, initialized in
      for position in 0..<count { target[position] = sorted[position] }
      initialized = count
    }
  }

  /// The key bytes of each row, in the order of the sort.
  package func encode(_ batch: ColumnBatch, into buffer: KeyBuffer) throws {
    let columns = try evaluators.map { try $0.column(batch) }
    encoder.encode(columns, rows: batch.rows, into: buffer)
  }
}
