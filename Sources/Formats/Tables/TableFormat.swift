import Columns
import Storage

/// A file format that contains tables. Each has a folder of its own and is listed in ``TableFormats/all``; no other code knows
/// which formats exist.
package protocol TableFormat: Sendable {
  /// The name used in splits and errors, such as `parquet`.
  static var name: String { get }

  /// Whether a file has this format, based on its first bytes; the name matters only if the bytes are ambiguous.
  static func recognizes(_ head: FileHead) -> Bool

  /// Reads what planning needs: the schema and the splits, which depend only on the file. Runs on the driver.
  /// - Throws: `StorageError` naming the file.
  static func describe(_ reader: any ObjectReader) throws -> TableDescription

  /// Reads columns of a split, batch by batch, in row order.
  /// - Parameter columns: The columns in the order that the batches must have. No other columns are decoded.
  static func read(
    _ split: TableSplit, _ reader: any ObjectReader, columns: [WantedColumn],
    _ body: (ColumnBatch) throws -> Void
  ) throws

  /// Returns what is known about the values of each split without reading them, so that splits can be skipped.
  /// - Returns: For each split of ``describe(_:)``, the ranges of the requested columns in order; nil if nothing is known.
  static func ranges(_ reader: any ObjectReader, columns: [ColumnField]) throws -> [[ColumnRange?]]
}

extension TableFormat {
  package static func ranges(_ reader: any ObjectReader, columns: [ColumnField]) throws -> [[ColumnRange?]] {
    try describe(reader).splits.map { _ in columns.map { _ in nil } }
  }
}

/// A column that a reader requests.
package struct WantedColumn: Hashable, Sendable {
  package let name: String
  /// The type found during planning; nil to use the type in the file, which works only for files that have a schema.
  package let type: ColumnType?
  /// Whether rows of strings may be returned as ``ColumnValues/dictionary(_:)``, if the file stores them so.
  package let keepsDictionary: Bool

  package init(_ name: String, _ type: ColumnType? = nil, keepsDictionary: Bool = false) {
    self.name = name
    self.type = type
    self.keepsDictionary = keepsDictionary
  }
}

/// The schema and the splits of one file.
package struct TableDescription: Sendable {
  package var fields: [ColumnField]
  /// The columns that cannot be read, and why.
  package var unsupported: [(name: String, reason: String)] = []
  package var splits: [TableSplit]

  package init(
    fields: [ColumnField], unsupported: [(name: String, reason: String)] = [], splits: [TableSplit]
  ) {
    self.fields = fields
    self.unsupported = unsupported
    self.splits = splits
  }
}
