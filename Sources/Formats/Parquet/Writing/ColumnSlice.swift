import Columns

/// A slice of a column to be written to a chunk: `values[range]` without nulls, and the positions of the nulls.
struct ColumnSlice {
  let values: ColumnValues
  let range: Range<Int>
  /// One flag per row; nil if no row is null.
  let validity: [Bool]?
  let rows: Int

  var nulls: Int { rows - range.count }

  init(values: ColumnValues, range: Range<Int>, validity: [Bool]?, rows: Int) {
    self.values = values
    self.range = range
    self.validity = validity
    self.rows = rows
  }

  init(_ column: Column, _ rows: Range<Int>) {
    self.rows = rows.count
    let present = column.validity.map { flags in rows.lazy.filter { flags[$0] }.map { UInt32($0) } }
    guard let present, present.count < rows.count, let all = column.validity else {
      values = column.values
      range = rows
      validity = nil
      return
    }
    values = column.values.gather(Array(present))
    range = 0..<present.count
    validity = Array(all[rows])
  }
}

/// Presents rows of several batches as one column, so that a row group does not depend on how the rows were split into batches.
struct RowPieces {
  private(set) var pieces: [(batch: ColumnBatch, range: Range<Int>)] = []
  private(set) var rows = 0

  mutating func append(_ batch: ColumnBatch, _ range: Range<Int>) {
    pieces.append((batch, range))
    rows += range.count
  }

  mutating func removeAll() {
    pieces.removeAll(keepingCapacity: true)
    rows = 0
  }

  func slice(_ index: Int, _ type: ColumnType) -> ColumnSlice {
    if pieces.count == 1 { return ColumnSlice(pieces[0].batch.columns[index], pieces[0].range) }
    let columns = pieces.map { $0.batch.columns[index].slice($0.range) }
    return ColumnSlice(Column.concatenate(columns, type), 0..<rows)
  }
}
