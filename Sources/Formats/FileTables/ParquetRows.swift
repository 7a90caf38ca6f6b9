import Basics
import Columns
import Storage

/// Reads the columns of a table from a Parquet file: by name, with the table's types.
enum ParquetRows {
  /// - Parameter body: Takes the columns, their number of rows, and the number of the first row in the file.
  static func read(
    _ split: FileTableSplit, _ reader: any ObjectReader, _ columns: [ColumnField],
    _ body: ([Column], _ rows: Int, _ first: Int) throws -> Void
  ) throws {
    let file = try ParquetFile(reader)
    let present = columns.filter { file.fields.field(named: $0.name) != nil }
    for group in split.split.range {
      guard file.rowGroups.indices.contains(Int(group)) else {
        throw StorageError.corrupt(location: reader.info.uri, message: "has no row group \(group) any more")
      }
      var first = file.rowGroups[..<Int(group)].reduce(0) { $0 + $1.rows }
      let batches = try file.reader(rowGroup: Int(group), columns: present.map { ParquetRequest($0.name) })
      while let batch = try batches.next(ParquetTableFormat.batchRows) {
        let all = try columns.map { column -> Column in
          guard let index = present.firstIndex(where: { $0.name.hasSameBytes(as: column.name) }) else {
            return .nulls(column.type, count: batch.rows)
          }
          guard let widened = try batch.columns[index].widened(batch.fields[index].type, column.type) else {
            throw StorageError.invalid(
              location: "\(reader.info.uri), column \"\(column.name)\"",
              message: "is of type \(batch.fields[index].type.name), expected \(column.type.name)")
          }
          return widened
        }
        try body(all, batch.rows, first)
        first += batch.rows
      }
    }
  }
}
