import Columns

/// Computes columns.
final class ProjectStep: BatchConsumer {
  private let evaluators: [Evaluator]
  private let fields: [ColumnField]
  private let next: any BatchConsumer

  init(_ columns: [NamedExpr], _ session: SessionContext, _ next: any BatchConsumer) throws {
    evaluators = try columns.map { try Evaluator($0.expr, session: session) }
    fields = columns.map { ColumnField($0.name, $0.expr.type, nullable: true) }
    self.next = next
  }

  func consume(_ batch: ColumnBatch) throws {
    let columns = try evaluators.map { try $0.column(batch) }
    try next.consume(ColumnBatch(fields: fields, columns: columns, rows: batch.rows))
  }

  func finish() throws { try next.finish() }

  var isDone: Bool { next.isDone }
}
