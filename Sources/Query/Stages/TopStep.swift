import Columns
import Shuffle

/// Keeps the first rows by sort keys; ties by order of arrival.
final class TopStep: BatchConsumer {
  /// Rows that are collected, beside those to keep, before they are cut down.
  private static let slack = 1 << 14

  private let sorter: RowSorter
  private let count: Int
  private let next: any BatchConsumer
  private var batches: [ColumnBatch] = []
  private var rows = 0

  init(_ keys: [SortKey], count: Int, _ session: SessionContext, _ next: any BatchConsumer) throws {
    sorter = try RowSorter(keys, session)
    self.count = count
    self.next = next
  }

  func consume(_ batch: ColumnBatch) throws {
    batches.append(batch)
    rows += batch.rows
    if rows > count + max(count, TopStep.slack) { try cut() }
  }

  private func cut() throws {
    guard let fields = batches.first?.fields else { return }
    let all = ColumnBatch.concatenate(batches, fields)
    let order = try sorter.order(all, limit: count)
    batches = [all.gather(order)]
    rows = order.count
  }

  func finish() throws {
    try cut()
    for batch in batches { try next.consume(batch) }
    try next.finish()
  }
}
