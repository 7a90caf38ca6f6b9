import Basics
import Columns
import Formats
import Storage
import Wire

/// The rows of one split of a table: the input of a task.
package struct ShardInput: Hashable, Sendable, WireCodable {
  package var split: TableSplit
  package var rows: Int
  /// Index of its first row within the file, and within all files in name order.
  package var firstRowOfFile: Int
  package var firstRow: Int

  package init(split: TableSplit, rows: Int, firstRowOfFile: Int, firstRow: Int) {
    self.split = split
    self.rows = rows
    self.firstRowOfFile = firstRowOfFile
    self.firstRow = firstRow
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(
      split: try reader.value(), rows: try reader.count(), firstRowOfFile: try reader.count(),
      firstRow: try reader.count())
  }

  package func encode(to writer: inout ByteWriter) {
    writer.value(split)
    for value in [rows, firstRowOfFile, firstRow] { writer.count(value) }
  }

  package var object: ObjectInfo { split.object }

  /// Size of some columns in bytes; saturating, because the number of rows comes from a file.
  func bytes(columns: Int, perValue: Int) -> Int {
    let (bytes, overflow) = rows.multipliedReportingOverflow(by: columns * perValue)
    return overflow ? .max : bytes
  }

  /// Reads columns of this shard, in the given order.
  /// - Parameter settings: The job's settings.
  package func read(_ columns: [String], settings: Settings) throws -> ColumnBatch {
    let store = try ObjectStores.store(for: object.uri, settings: settings)
    var batches: [ColumnBatch] = []
    try TableFormats.read(split, in: store, columns: columns.map { WantedColumn($0) }) { batches.append($0) }
    let read = batches.reduce(0) { $0 + $1.rows }
    guard let fields = batches.first?.fields, read == rows else {
      throw StorageError.corrupt(
        location: object.uri, message: "\(read) rows in a split, expected \(rows)")
    }
    return ColumnBatch.concatenate(batches, fields)
  }
}

/// The files of a folder as one table, without reading their rows.
package struct Dataset: Sendable {
  package let objects: [ObjectInfo]
  package let fields: [ColumnField]
  /// Why the other columns cannot be read.
  package let unsupported: [ExactName: String]
  package let shards: [ShardInput]
  package let rows: Int

  /// Reads every file, regardless of its name, but skips hidden names.
  /// - Throws: `StorageError.notFound` if there are no files; `.corrupt` or `.invalid` naming a file that is not Parquet or
  ///   that lacks the columns of the first file.
  package init(_ uri: String, settings: Settings = Settings()) throws {
    let store = try ObjectStores.store(for: uri, settings: settings)
    objects = try InputFolder.list(uri, settings: settings)
    guard let first = objects.first else {
      throw StorageError.notFound(location: uri, message: "holds no files")
    }
    let tables = try TableFormats.describe(objects, in: store)
    fields = tables[0].fields
    unsupported = Dictionary(
      tables[0].unsupported.map { (ExactName($0.name), $0.reason) }, uniquingKeysWith: { first, _ in first })
    var shards: [ShardInput] = []
    var firstRow = 0
    for (object, table) in zip(objects, tables) {
      try Dataset.check(table.fields, of: object.uri, against: fields, of: first.uri)
      var firstRowOfFile = 0
      for split in table.splits {
        guard let rows = split.rows else {
          throw StorageError.invalid(
            location: object.uri,
            message: "is \(split.format), which does not tell its number of rows; expected Parquet")
        }
        if rows == 0 { continue }
        shards.append(
          ShardInput(split: split, rows: rows, firstRowOfFile: firstRowOfFile, firstRow: firstRow))
        firstRowOfFile += rows
        let (sum, overflow) = firstRow.addingReportingOverflow(rows)
        guard !overflow, sum < 1 << 53 else {
          throw StorageError.invalid(
            location: object.uri, message: "the files have more rows than can be counted")
        }
        firstRow = sum
      }
    }
    self.shards = shards
    rows = firstRow
  }

  package var bytes: Int64 { objects.reduce(0) { $0 &+ $1.size } }

  private static func check(
    _ fields: [ColumnField], of uri: String, against expected: [ColumnField], of first: String
  ) throws {
    for field in expected {
      guard let other = fields.field(named: field.name) else {
        throw StorageError.invalid(
          location: uri, message: "has no column '\(field.name)', which \(first) has")
      }
      guard other.type == field.type else {
        throw StorageError.invalid(
          location: "\(uri), column '\(field.name)'",
          message: "is of type \(other.type.name), but \(field.type.name) in \(first)")
      }
    }
    if let extra = fields.first(where: { expected.field(named: $0.name) == nil }) {
      throw StorageError.invalid(location: uri, message: "has a column '\(extra.name)', which \(first) lacks")
    }
  }
}
