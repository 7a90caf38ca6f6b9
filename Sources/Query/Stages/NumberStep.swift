import Columns

/// Adds each row's position: where it is in the order of a stage's tasks and of their rows.
final class NumberStep: BatchConsumer {
  private var position: Int64
  private let next: any BatchConsumer

  static let field = ColumnField("position", .int64)

  /// Rows of one task that can be told apart.
  private static let rowBits: Int64 = 40

  /// The position of a task's first row.
  static func first(_ partition: Int) -> Int64 { Int64(partition) << rowBits }

  init(partition: Int, _ next: any BatchConsumer) {
    position = NumberStep.first(partition)
    self.next = next
  }

  func consume(_ batch: ColumnBatch) throws {
    let start = position
    position += Int64(batch.rows)
    try next.consume(
      ColumnBatch(
        fields: batch.fields + [NumberStep.field],
        columns: batch.columns + [Column(.int64((0..<batch.rows).map { start + Int64($0) }))],
        rows: batch.rows))
  }

  func finish() throws { try next.finish() }

  var isDone: Bool { next.isDone }
}
