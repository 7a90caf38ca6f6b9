import Basics
import Columns
import Storage

/// JSON Lines as a format of tables: a split is a byte range, or a whole compressed file. Integers become int64, other numbers
/// double; objects, arrays and keys of mixed kinds become JSON text.
package enum JSONLinesTableFormat: TableFormat {
  package static let name = "jsonLines"

  /// Text at the beginning of a file that the schema is taken from.
  private static let sampleBytes = 1 << 20
  private static let batchRows = 1 << 13

  package static func recognizes(_ head: FileHead) -> Bool { head.firstCharacter == UInt8(ascii: "{") }

  package static func describe(_ reader: any ObjectReader) throws -> TableDescription {
    let codec = try ContentKind(of: reader).codec(of: reader.info.uri)
    var schema = JSONLinesSchema()
    let lines = try LineBlockReader(split: InputSplit(reader.info, codec: codec), reader: reader)
    var read = 0
    while read < sampleBytes, let block = try lines.next() {
      try forEachLine(block, reader.info.uri) { try schema.add($0) }
      read += block.bytes.count
    }
    let splits = LineSplits.cut(reader.info, codec).map { split in
      TableSplit(
        object: reader.info, format: name, range: split.start..<split.end, rows: nil,
        bytes: (split.end - split.start) * codec.expectedRatio)
    }
    return TableDescription(fields: schema.fields, splits: splits)
  }

  package static func read(
    _ split: TableSplit, _ reader: any ObjectReader, columns: [WantedColumn],
    _ body: (ColumnBatch) throws -> Void
  ) throws {
    let isWhole = split.range == 0..<split.object.size
    let range = InputSplit(
      object: split.object, start: split.range.lowerBound, end: split.range.upperBound,
      codec: isWhole ? nil : Codec.none)
    let lines = try LineBlockReader(split: range, reader: reader)
    var rows = JSONLinesRows(
      try columns.map { column in
        guard let type = column.type else {
          throw StorageError.invalid(
            location: "\(split.object.uri), column '\(column.name)'",
            message: "JSON Lines have no schema; name a type")
        }
        return ColumnField(column.name, type, nullable: true)
      })
    while let block = try lines.next() {
      try forEachLine(block, split.object.uri) { line in
        try rows.add(line)
        if rows.rows == batchRows { try body(rows.take()) }
      }
    }
    if rows.rows > 0 { try body(rows.take()) }
  }

  /// - Throws: `StorageError.corrupt` with the offset for a line that is not an object of the expected kind.
  private static func forEachLine(
    _ block: LineBlock, _ uri: String, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    try block.forEachLine { line, offset in
      do {
        try body(line)
      } catch let fault as JSONFault {
        throw StorageError.corrupt(
          location: "\(uri), byte \(offset + Int64(fault.offset))", message: fault.message)
      }
    }
  }
}
