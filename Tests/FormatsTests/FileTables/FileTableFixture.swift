import Columns
import Formats
import Storage
import TestSupport

/// Reads tables of files whole.
enum FileTableFixture {
  struct Rows {
    var table: FileTable
    /// Values of all rows, each as text; nil for null.
    var rows: [[String?]]
    var rejected: RejectedRecords
  }

  /// - Parameter columns: nil for all but the pseudo columns.
  static func read(_ table: FileTable, _ columns: [String]? = nil) throws -> Rows {
    let indexes =
      columns.map { names in names.compactMap { name in table.fields.firstIndex { $0.name == name } } }
      ?? Array(table.fields.indices.dropLast(FileTable.pseudoFields.count))
    let sink = MemorySink()
    var rejected = RejectedRecords(cap: table.options.rejectedCap)
    var rows: [[String?]] = []
    for split in table.splits {
      var part = RejectedRecords(cap: table.options.rejectedCap)
      try table.read(split, columns: indexes, rejected: &part) { batch in
        for row in 0..<batch.rows {
          rows.append(
            try zip(batch.columns, batch.fields).map { column, field in
              if column.isNull(row) { return nil }
              let one = ColumnBatch(fields: [field], columns: [column.slice(row..<row + 1)], rows: 1)
              sink.bytes = []
              let writer = JSONLinesWriter(sink, [ColumnField("v", field.type)])
              try writer.write(one)
              return String(decoding: sink.bytes.dropFirst(5).dropLast(2), as: UTF8.self)
            })
        }
      }
      rejected.append(part)
    }
    return Rows(table: table, rows: rows, rejected: rejected)
  }

  static func types(_ table: FileTable) -> [String] {
    table.fields.dropLast(FileTable.pseudoFields.count).map { "\($0.name) \($0.type.name)" }
  }
}
