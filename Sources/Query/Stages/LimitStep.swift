import Columns

/// Skips rows, then passes on a number of them.
final class LimitStep: BatchConsumer {
  private var toSkip: Int
  private var left: Int
  private let next: any BatchConsumer

  init(_ limit: Limit, _ next: any BatchConsumer) {
    toSkip = limit.offset
    left = limit.count ?? .max
    self.next = next
  }

  func consume(_ batch: ColumnBatch) throws {
    let start = min(toSkip, batch.rows)
    toSkip -= start
    let end = start + min(left, batch.rows - start)
    left -= end - start
    if end > start { try next.consume(batch.slice(start..<end)) }
  }

  func finish() throws { try next.finish() }

  var isDone: Bool { left == 0 || next.isDone }
}
