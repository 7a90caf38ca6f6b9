import Columns
import Storage

/// A text format whose records become rows: JSON Lines, JSON, CSV. Unlike ``TableFormat``, its files have no schema: what is read is
/// said by the table, and what does not fit is rejected.
protocol RecordFormat: Sendable {
  /// The name in options and splits, such as `csv`.
  static var name: String { get }

  /// Endings of file names, without those of compression, that stand for the format.
  static var endings: [String] { get }

  /// Whether a file whose name says nothing has this format.
  static func recognizes(_ head: FileHead) -> Bool

  /// Looks at the beginning of a file.
  /// - Parameter bytes: Text to look at.
  static func sample(_ reader: any ObjectReader, bytes: Int, _ options: FileTableOptions) throws
    -> FileSample

  /// Cuts a file into splits that together have each record once. Depends on the file and the options only.
  /// - Parameter bytes: The usual size of a split.
  static func splits(_ reader: any ObjectReader, _ options: FileTableOptions, bytes: Int64) throws
    -> [FileTableSplit]

  /// Reads the records of a split in order.
  static func read(
    _ request: RecordRequest, _ reader: any ObjectReader, rejected: inout RejectedRecords,
    _ body: (RecordBatch) throws -> Void
  ) throws
}

/// The columns at the beginning of a file, in its order.
struct FileSample: Sendable {
  var columns: [SampledColumn] = []
  /// The type of a column with values of types that have no other type in common.
  var mixed: ColumnType
}

/// What a reader of records is asked for.
struct RecordRequest: Sendable {
  var split: FileTableSplit
  /// Columns of the file, with the types of the table. A column that the file lacks is null.
  var columns: [ColumnField]
  var options: FileTableOptions

  static let batchRows = 8192
}

/// Rows with what is known about where they come from.
struct RecordBatch {
  /// As asked for.
  var columns: [Column]
  /// For each row, the line of the file on which its record begins, counted from the start of the split, from 0.
  var lines: [Int]
  /// For each row, the number of its record in the split, from 0. Rejected records count.
  var ordinals: [Int]

  var rows: Int { ordinals.count }
}

/// The single list of text formats.
enum RecordFormats {
  static let all: [any RecordFormat.Type] = [
    JSONLinesRecords.self, JSONRecords.self, CSVRecords.self,
  ]

  static func named(_ name: String) -> (any RecordFormat.Type)? { all.first { $0.name == name } }
}
