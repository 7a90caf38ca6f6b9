import Columns

/// Passes on the rows that meet a condition.
final class FilterStep: BatchConsumer {
  private let condition: Evaluator
  private let next: any BatchConsumer

  init(_ condition: Expr, _ session: SessionContext, _ next: any BatchConsumer) throws {
    self.condition = try Evaluator(condition, session: session)
    self.next = next
  }

  func consume(_ batch: ColumnBatch) throws {
    let rows = try condition.filter(batch)
    if rows.isEmpty { return }
    try next.consume(rows.count == batch.rows ? batch : batch.gather(rows))
  }

  func finish() throws { try next.finish() }

  var isDone: Bool { next.isDone }
}
