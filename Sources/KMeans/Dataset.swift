import Basics
import Columns
import Formats
import Storage
import Wire

/// The rows of one row group of one Parquet file: the input of a task.
package struct ShardInput: Hashable, Sendable, WireCodable {
  package var object: ObjectInfo
  package var rowGroup: Int
  package var rows: Int
  /// Number of its first row within the file, and within all files in the order of their names.
  package var firstRowOfFile: Int
  package var firstRow: Int

  package init(object: ObjectInfo, rowGroup: Int, rows: Int, firstRowOfFile: Int, firstRow: Int) {
    self.object = object
    self.rowGroup = rowGroup
    self.rows = rows
    self.firstRowOfFile = firstRowOfFile
    self.firstRow = firstRow
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    object = ObjectInfo(uri: try reader.string(), size: try reader.signed(), version: try reader.string())
    rowGroup = try reader.count()
    rows = try reader.count()
    firstRowOfFile = try reader.count()
    firstRow = try reader.count()
  }

  package func encode(to writer: inout ByteWriter) {
    writer.string(object.uri)
    writer.signed(object.size)
    writer.string(object.version)
    for value in [rowGroup, rows, firstRowOfFile, firstRow] { writer.count(value) }
  }

  /// Bytes of some columns, no more than can be counted: the number of rows comes from a file.
  func bytes(columns: Int, perValue: Int) -> Int {
    let (bytes, overflow) = rows.multipliedReportingOverflow(by: columns * perValue)
    return overflow ? .max : bytes
  }

  /// Reads columns of this shard, in the order asked for.
  /// - Parameter settings: Of the job.
  package func read(_ columns: [String], settings: Settings) throws -> ColumnBatch {
    let store = try ObjectStores.store(for: object.uri, settings: settings)
    let file = try ParquetFile(try store.open(object))
    let batch = try file.read(rowGroup: rowGroup, columns: columns)
    guard batch.rows == rows else {
      throw StorageError.corrupt(
        place: "\(object.uri), row group \(rowGroup)", message: "\(batch.rows) rows, expected \(rows)")
    }
    return batch
  }
}

/// The Parquet files of a folder as one table, from their footers alone.
package struct Dataset: Sendable {
  package let objects: [ObjectInfo]
  package let fields: [ColumnField]
  /// Why the other columns cannot be read.
  package let unsupported: [ExactName: String]
  package let shards: [ShardInput]
  package let rows: Int

  /// Every file counts, whatever its name; hidden names are no input.
  /// - Throws: `StorageError.notFound` if there are no files, `.corrupt` or `.invalid` naming one that is not Parquet or that
  ///   does not have the columns of the first.
  package init(_ uri: String, settings: Settings = Settings()) throws {
    let store = try ObjectStores.store(for: uri, settings: settings)
    objects = try InputFolder.list(uri, settings: settings)
    guard let first = objects.first else {
      throw StorageError.notFound(place: uri, message: "holds no files")
    }
    var fields: [ColumnField] = []
    var unsupported: [ExactName: String] = [:]
    var shards: [ShardInput] = []
    var firstRow = 0
    for object in objects {
      let file = try ParquetFile(try store.open(object))
      if object == first {
        fields = file.fields
        unsupported = Dictionary(
          file.unsupported.map { (ExactName($0.name), $0.reason) }, uniquingKeysWith: { a, _ in a })
      } else {
        try Dataset.check(file.fields, of: object.uri, against: fields, of: first.uri)
      }
      var firstRowOfFile = 0
      for (index, group) in file.rowGroups.enumerated() where group.rows > 0 {
        shards.append(
          ShardInput(
            object: object, rowGroup: index, rows: group.rows, firstRowOfFile: firstRowOfFile,
            firstRow: firstRow))
        firstRowOfFile += group.rows
        let (sum, overflow) = firstRow.addingReportingOverflow(group.rows)
        guard !overflow, sum < 1 << 53 else {
          throw StorageError.invalid(
            place: object.uri, message: "the files have more rows than can be counted")
        }
        firstRow = sum
      }
    }
    self.fields = fields
    self.unsupported = unsupported
    self.shards = shards
    rows = firstRow
  }

  package var bytes: Int64 { objects.reduce(0) { $0 &+ $1.size } }

  private static func check(
    _ fields: [ColumnField], of uri: String, against expected: [ColumnField], of first: String
  ) throws {
    for field in expected {
      guard let other = fields.field(named: field.name) else {
        throw StorageError.invalid(place: uri, message: "has no column '\(field.name)', which \(first) has")
      }
      guard other.type == field.type else {
        throw StorageError.invalid(
          place: "\(uri), column '\(field.name)'",
          message: "is of type \(other.type.rawValue), but \(field.type.rawValue) in \(first)")
      }
    }
    if let extra = fields.first(where: { expected.field(named: $0.name) == nil }) {
      throw StorageError.invalid(place: uri, message: "has a column '\(extra.name)', which \(first) has not")
    }
  }
}
