import Basics
import Storage

/// The part of a file that one task reads: some row groups of a Parquet file, or a byte range of a text file.
package struct TableSplit: Hashable, Sendable, WireCodable {
  package var object: ObjectInfo
  /// See ``TableFormat/name``.
  package var format: String
  /// In units defined by the format.
  package var range: Range<Int64>
  /// nil if the number is not known without reading.
  package var rows: Int?
  /// Decompressed size in bytes; may be an estimate.
  package var bytes: Int64

  package init(object: ObjectInfo, format: String, range: Range<Int64>, rows: Int?, bytes: Int64) {
    self.object = object
    self.format = format
    self.range = range
    self.rows = rows
    self.bytes = bytes
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    object = ObjectInfo(uri: try reader.string(), size: try reader.signed(), version: try reader.string())
    format = try reader.string()
    let start = try reader.signed()
    let end = try reader.signed()
    guard start <= end else { throw .invalid("split \(start)..<\(end)") }
    range = start..<end
    rows = try reader.bool() ? try reader.count() : nil
    bytes = try reader.signed()
  }

  package func encode(to writer: inout ByteWriter) {
    writer.string(object.uri)
    writer.signed(object.size)
    writer.string(object.version)
    writer.string(format)
    writer.signed(range.lowerBound)
    writer.signed(range.upperBound)
    writer.bool(rows != nil)
    if let rows { writer.count(rows) }
    writer.signed(bytes)
  }
}
