import Columns
import Storage

/// Parquet as a table format: each split is a row group.
package enum ParquetTableFormat: TableFormat {
  /// Rows of a batch: an array of 8-byte values is 64 KiB, so the columns of a batch stay in the cache and their memory is
  /// reused by the allocator instead of being mapped for every batch.
  package static let batchRows = 1 << 13

  package static let name = "parquet"

  package static func recognizes(_ head: FileHead) -> Bool { head.kind == .parquet }

  package static func describe(_ reader: any ObjectReader) throws -> TableDescription {
    let file = try ParquetFile(reader)
    let splits = file.rowGroups.enumerated().map { index, group in
      TableSplit(
        object: reader.info, format: name, range: Int64(index)..<Int64(index) + 1, rows: group.rows,
        bytes: Int64(group.byteSize))
    }
    return TableDescription(fields: file.fields, unsupported: file.unsupported, splits: splits)
  }

  package static func read(
    _ split: TableSplit, _ reader: any ObjectReader, columns: [WantedColumn],
    _ body: (ColumnBatch) throws -> Void
  ) throws {
    let file = try ParquetFile(reader)
    let requests = columns.map { ParquetRequest($0.name, keepsDictionary: $0.keepsDictionary) }
    for group in split.range {
      let batches = try file.reader(rowGroup: Int(clamping: group), columns: requests)
      guard split.rows == nil || batches.remaining == split.rows else {
        throw StorageError.corrupt(
          location: "\(reader.info.uri), row group \(group)",
          message: "\(batches.remaining) rows, expected \(split.rows ?? 0)")
      }
      for (field, wanted) in zip(batches.fields, columns) where wanted.type ?? field.type != field.type {
        throw StorageError.invalid(
          location: "\(reader.info.uri), column '\(field.name)'",
          message: "is of type \(field.type.name), expected \(wanted.type?.name ?? "")")
      }
      while let batch = try batches.next(batchRows) { try body(batch) }
    }
  }

  package static func ranges(_ reader: any ObjectReader, columns: [ColumnField]) throws -> [[ColumnRange?]] {
    let file = try ParquetFile(reader)
    return try file.rowGroups.indices.map { group in
      try columns.map { try file.range(rowGroup: group, column: $0.name) }
    }
  }
}
