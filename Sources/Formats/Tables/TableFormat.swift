import Columns
import Storage

/// A file format that holds tables. Each lives in a folder of its own and is listed in ``TableFormats/all``; nothing else knows
/// which formats there are.
package protocol TableFormat: Sendable {
  /// In splits and errors: `parquet`.
  static var name: String { get }

  /// Whether a file is of this format, by its first bytes; the name counts only where bytes cannot tell.
  static func recognizes(_ head: FileHead) -> Bool

  /// Reads what planning needs: schema and splits, which depend on the file alone. On the driver.
  /// - Throws: `StorageError` naming the file.
  static func describe(_ reader: any ObjectReader) throws -> TableDescription

  /// Reads columns of a split, batch by batch, in the order of the rows.
  /// - Parameter columns: In the order that the batches shall have. Nothing else is decoded.
  static func read(
    _ split: TableSplit, _ reader: any ObjectReader, columns: [WantedColumn],
    _ body: (ColumnBatch) throws -> Void
  ) throws

  /// What is known about the values of each split without reading them, so that splits can be left out.
  /// - Returns: For each split of ``describe(_:)`` the ranges of the columns asked for, in their order; nil where nothing is
  ///   known.
  static func ranges(_ reader: any ObjectReader, columns: [ColumnField]) throws -> [[ColumnRange?]]
}

extension TableFormat {
  package static func ranges(_ reader: any ObjectReader, columns: [ColumnField]) throws -> [[ColumnRange?]] {
    try describe(reader).splits.map { _ in columns.map { _ in nil } }
  }
}

/// A column that a reader asks for.
package struct WantedColumn: Hashable, Sendable {
  package let name: String
  /// The type that planning found; nil to take what the file has, which only works for files that have a schema.
  package let type: ColumnType?

  package init(_ name: String, _ type: ColumnType? = nil) {
    self.name = name
    self.type = type
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
