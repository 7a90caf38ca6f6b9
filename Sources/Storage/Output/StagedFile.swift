import Basics

/// A file that a task attempt has written to a place of its own, not yet part of any output. It travels to the driver in the
/// task's result; the driver publishes exactly one attempt's file of each name.
package struct StagedFile: Hashable, Sendable, WireCodable {
  /// Relative to the output folder: `part-00000.parquet`, `_rejected/part-00000.jsonl`.
  package let name: String
  /// Where the attempt wrote it: for local disk an absolute path, for S3 the id of an upload that is not completed.
  package let staged: String
  /// Of the upload; in their order.
  package let parts: [StagedPart]
  package let rows: Int
  package let bytes: Int

  package init(name: String, staged: String, parts: [StagedPart] = [], rows: Int, bytes: Int) {
    self.name = name
    self.staged = staged
    self.parts = parts
    self.rows = rows
    self.bytes = bytes
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    name = try reader.string()
    staged = try reader.string()
    parts = try reader.list()
    rows = try reader.count()
    bytes = try reader.count()
  }

  package func encode(to writer: inout ByteWriter) {
    writer.string(name)
    writer.string(staged)
    writer.list(parts)
    writer.count(rows)
    writer.count(bytes)
  }
}

/// A part of an upload, as the server has it.
package struct StagedPart: Hashable, Sendable, WireCodable {
  package let number: Int
  package let eTag: String

  package init(number: Int, eTag: String) {
    self.number = number
    self.eTag = eTag
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    number = try reader.count()
    eTag = try reader.string()
  }

  package func encode(to writer: inout ByteWriter) {
    writer.count(number)
    writer.string(eTag)
  }
}
