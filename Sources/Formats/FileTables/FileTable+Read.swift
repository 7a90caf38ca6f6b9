import Basics
import Columns
import Storage
import Wire

extension FileTable {
  /// Reads columns of a split, batch by batch, in the order of its rows.
  /// - Parameters:
  ///   - columns: Indexes of ``fields``; the batches have exactly these columns in this order. No others are decoded, and only
  ///     these are checked: a record whose other values do not fit is not rejected.
  ///   - rejected: Replaced by the counts of this split. Append those of all splits in their order, and compare the sum with
  ///     ``FileTableOptions/maxRejectedShare``.
  package func read(
    _ split: FileTableSplit, columns: [Int], settings: Settings = Settings(),
    rejected: inout RejectedRecords, _ body: (ColumnBatch) throws -> Void
  ) throws {
    let store = try ObjectStores.store(for: split.split.object.uri, settings: settings)
    try read(split, columns: columns, try store.open(split.split.object), rejected: &rejected, body)
  }

  func read(
    _ split: FileTableSplit, columns: [Int], _ reader: any ObjectReader, rejected: inout RejectedRecords,
    _ body: (ColumnBatch) throws -> Void
  ) throws {
    let uri = split.split.object.uri
    rejected = RejectedRecords(
      cap: options.rejectedCap, file: uri, beginsFile: split.split.range.lowerBound == 0)
    let plan = ReadPlan(self, split, columns)
    guard let format = RecordFormats.named(split.split.format) else {
      return try ParquetRows.read(split, reader, plan.own) { own, rows, first in
        rejected.add(read: rows, lines: 0)
        try body(plan.batch(own, rows: rows) { pseudo, row in pseudo == .row ? Int64(first + row) : nil })
      }
    }
    let before =
      plan.needsPosition ? try RecordPosition.before(split, options, reader, format) : RecordPosition()
    let request = RecordRequest(split: split, columns: plan.own, options: options)
    try format.read(request, reader, rejected: &rejected) { batch in
      try body(
        plan.batch(batch.columns, rows: batch.rows) { pseudo, row in
          pseudo == .line
            ? Int64(before.lines + batch.lines[row] + 1) : Int64(before.records + batch.ordinals[row])
        })
    }
  }
}
