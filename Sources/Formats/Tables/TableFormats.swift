import Basics
import Columns
import Storage

/// The formats of tables: the one list of them.
package enum TableFormats {
  package static let all: [any TableFormat.Type] = [ParquetTableFormat.self, JSONLinesTableFormat.self]

  /// The schema and splits of each file, several files at a time, each in the format that its bytes say.
  /// - Throws: `StorageError` naming a file that is in no known format.
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
      place: head.uri, message: "looks like \(head.kind); expected a table in one of: \(names)")
  }

  /// Reads columns of a split, batch by batch.
  package static func read(
    _ split: TableSplit, in store: any ObjectStore, columns: [WantedColumn],
    _ body: (ColumnBatch) throws -> Void
  ) throws {
    guard let format = all.first(where: { $0.name == split.format }) else {
      throw StorageError.invalid(place: split.object.uri, message: "no format is called '\(split.format)'")
    }
    try format.read(split, try store.open(split.object), columns: columns, body)
  }
}
