import Columns
import Storage

/// Parquet as a table format: each split is a row group, read as one batch.
package enum ParquetTableFormat: TableFormat {
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
    for group in split.range {
      let batch = try file.read(rowGroup: Int(group), columns: columns.map(\.name))
      guard split.rows == nil || batch.rows == split.rows else {
        throw StorageError.corrupt(
          location: "\(reader.info.uri), row group \(group)",
          message: "\(batch.rows) rows, expected \(split.rows ?? 0)")
      }
      for (field, wanted) in zip(batch.fields, columns) where wanted.type ?? field.type != field.type {
        throw StorageError.invalid(
          location: "\(reader.info.uri), column '\(field.name)'",
          message: "is of type \(field.type.name), expected \(wanted.type?.name ?? "")")
      }
      try body(batch)
    }
  }

  package static func ranges(_ reader: any ObjectReader, columns: [ColumnField]) throws -> [[ColumnRange?]] {
    let file = try ParquetFile(reader)
    return try file.rowGroups.indices.map { group in
      try columns.map { try file.range(rowGroup: group, column: $0.name) }
    }
  }
}
