import Basics

/// A file that a task attempt has written, not yet part of any output. It travels to the driver in the task's result; the driver publishes
/// exactly one attempt's file of each name.
package struct StagedFile: Hashable, Sendable, WireCodable {
  /// Relative to the output folder: `part-00000.parquet`, `_rejected/part-00000.jsonl`.
  package let name: String
  /// Where the attempt wrote it: an absolute path on local disk, the id of an upload that is not completed in an object store.
  package let staged: String
  /// The parts of the upload, in order.
  package let parts: [UploadPart]
  package let rows: Int
  package let bytes: Int

  package init(name: String, staged: String, parts: [UploadPart] = [], rows: Int, bytes: Int) {
    self.name = name
    self.staged = staged
    self.parts = parts
    self.rows = rows
    self.bytes = bytes
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(
      name: try reader.string(), staged: try reader.string(), parts: try reader.list(),
      rows: try reader.count(), bytes: try reader.count())
  }

  package func encode(to writer: inout ByteWriter) {
    writer.string(name)
    writer.string(staged)
    writer.list(parts)
    writer.count(rows)
    writer.count(bytes)
  }
}
