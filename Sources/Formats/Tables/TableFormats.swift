import Basics
import Columns
import Storage

/// The single list of table formats.
package enum TableFormats {
  package static let all: [any TableFormat.Type] = [ParquetTableFormat.self, JSONLinesTableFormat.self]

  /// Returns the schema and splits of each file, processing several files at a time. The format is detected from the bytes.
  /// - Throws: `StorageError` naming a file whose format is unknown.
  package static func describe(_ objects: [ObjectInfo], in store: any ObjectStore) throws
    -> [TableDescription]
  {
    try parallelMap(objects) { object in
      let reader = try store.open(object)
      return try format(of: reader).describe(reader)
    }
  }

  package static func format(of reader: any ObjectReader) throws -> any TableFormat.Type {
    let head = try FileHead(of: reader)
    if let format = all.first(where: { $0.recognizes(head) }) { return format }
    let names = all.map { $0.name }.joined(separator: ", ")
    throw StorageError.corrupt(
      location: head.uri, message: "looks like \(head.kind); expected a table in one of: \(names)")
  }

  /// Reads columns of a split, batch by batch.
  package static func read(
    _ split: TableSplit, in store: any ObjectStore, columns: [WantedColumn],
    _ body: (ColumnBatch) throws -> Void
  ) throws {
    guard let format = all.first(where: { $0.name == split.format }) else {
      throw StorageError.invalid(location: split.object.uri, message: "no format is called '\(split.format)'")
    }
    try format.read(split, try store.open(split.object), columns: columns, body)
  }
}
