/// Columns with the same number of rows.
public struct ColumnBatch: Hashable, Sendable {
  public var fields: [ColumnField]
  public var columns: [Column]
  public var rows: Int

  public init(fields: [ColumnField], columns: [Column], rows: Int) {
    self.fields = fields
    self.columns = columns
    self.rows = rows
  }

  /// The rows with these numbers, in that order.
  public func gather(_ rows: [UInt32]) -> ColumnBatch {
    ColumnBatch(fields: fields, columns: columns.map { $0.gather(rows) }, rows: rows.count)
  }

  public func slice(_ rows: Range<Int>) -> ColumnBatch {
    if rows == 0..<self.rows { return self }
    return ColumnBatch(fields: fields, columns: columns.map { $0.slice(rows) }, rows: rows.count)
  }
}
