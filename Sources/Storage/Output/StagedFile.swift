import Wire

/// A file that a task attempt has written to a place of its own, not yet part of any output. It travels to the driver in the
/// task's result; the driver publishes exactly one attempt's file of each name.
package struct StagedFile: Hashable, Sendable, WireCodable {
  /// Relative to the output folder: `part-00000.parquet`, `_rejected/part-00000.jsonl`.
  package let name: String
  /// Where the attempt wrote it: for local disk an absolute path.
  package let staged: String
  package let rows: Int
  package let bytes: Int

  package init(name: String, staged: String, rows: Int, bytes: Int) {
    self.name = name
    self.staged = staged
    self.rows = rows
    self.bytes = bytes
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    name = try reader.string()
    staged = try reader.string()
    rows = try reader.count()
    bytes = try reader.count()
  }

  package func encode(to writer: inout ByteWriter) {
    writer.string(name)
    writer.string(staged)
    writer.count(rows)
    writer.count(bytes)
  }
}
