import Columns

/// Repeats each batch for each grouping set: see ``PipelineStep/expand(_:)``.
final class ExpandStep: BatchConsumer {
  private let expand: Expand
  private let next: any BatchConsumer

  static let field = ColumnField("grouping set", .int64)

  init(_ expand: Expand, _ next: any BatchConsumer) {
    self.expand = expand
    self.next = next
  }

  func consume(_ batch: ColumnBatch) throws {
    for (number, set) in expand.sets.enumerated() {
      var columns = batch.columns
      for (index, column) in expand.groups.enumerated() where !set.contains(index) {
        columns[column] = .nulls(batch.fields[column].type, count: batch.rows)
      }
      columns.append(Column(.int64(Array(repeating: Int64(number), count: batch.rows))))
      try next.consume(
        ColumnBatch(fields: batch.fields + [ExpandStep.field], columns: columns, rows: batch.rows))
    }
  }

  func finish() throws { try next.finish() }
}
