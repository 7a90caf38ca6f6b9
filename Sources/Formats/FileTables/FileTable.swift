import Basics
import Columns
import Storage
import Wire

/// A table made of files: what planning knows about it. Its splits are a function of the files and the options alone.
package struct FileTable: Sendable {
  /// The columns: those of the files, then the columns of Hive folders (`dt=2025-04-01/`), then ``pseudoFields``.
  package var fields: [ColumnField]
  /// In the order of files and rows.
  package var splits: [FileTableSplit]
  package var options: FileTableOptions
  /// The files' total size in bytes, as stored.
  package var bytes: Int64

  package init(fields: [ColumnField], splits: [FileTableSplit], options: FileTableOptions, bytes: Int64) {
    self.fields = fields
    self.splits = splits
    self.options = options
    self.bytes = bytes
  }

  /// `_file` (the URI), `_line` (from 1, of the record's first line; null for Parquet), `_row` (from 0, within the file).
  package static let pseudoFields = [
    ColumnField("_file", .string, nullable: true), ColumnField("_line", .int64, nullable: true),
    ColumnField("_row", .int64, nullable: true),
  ]
}

/// The part of a table that one task reads.
package struct FileTableSplit: Hashable, Sendable {
  package var split: TableSplit
  /// The values of the columns that come from folder names, by name.
  package var folders: [FolderValue]
  /// How the file's records are written; nil if the reader finds out, as for small files.
  package var layout: CSVLayout?

  package init(split: TableSplit, folders: [FolderValue] = [], layout: CSVLayout? = nil) {
    self.split = split
    self.folders = folders
    self.layout = layout
  }
}

package struct FolderValue: Hashable, Sendable {
  package var name: String
  package var value: ScalarValue

  package init(name: String, value: ScalarValue) {
    self.name = name
    self.value = value
  }
}

/// How the files of a table are read: the keys of a table in a job file, or the arguments of `read_csv` and its like.
package struct FileTableOptions: Hashable, Sendable {
  /// `jsonl`, `json`, `csv` or `parquet`; nil to detect it, file by file.
  package var format: String?
  /// Names and types that the user gave; nil to infer all.
  package var columns: [ColumnField]?
  /// Columns that `columns` does not name are inferred and follow it.
  package var infersMore: Bool
  package var maxRejectedShare: Double
  /// Rejected records that are kept for a look.
  package var rejectedCap: Int
  package var csv: CSVOptions

  package init(
    format: String? = nil, columns: [ColumnField]? = nil, infersMore: Bool = false,
    maxRejectedShare: Double = 0.05, rejectedCap: Int = 1000, csv: CSVOptions = CSVOptions()
  ) {
    self.format = format
    self.columns = columns
    self.infersMore = infersMore
    self.maxRejectedShare = maxRejectedShare
    self.rejectedCap = rejectedCap
    self.csv = csv
  }
}

/// The dialect of a CSV file. What is nil is sniffed.
package struct CSVOptions: Hashable, Sendable {
  package var header: Bool?
  /// One byte.
  package var delimiter: UInt8?
  package var quote: UInt8?
  package var escape: UInt8?
  /// The text of a null, beside the empty unquoted field.
  package var null: String?
  /// Lines that begin with this byte are skipped.
  package var comment: UInt8?
  /// Lines before the header or the first record.
  package var skip: Int

  package init(
    header: Bool? = nil, delimiter: UInt8? = nil, quote: UInt8? = nil, escape: UInt8? = nil,
    null: String? = nil, comment: UInt8? = nil, skip: Int = 0
  ) {
    self.header = header
    self.delimiter = delimiter
    self.quote = quote
    self.escape = escape
    self.null = null
    self.comment = comment
    self.skip = skip
  }
}
