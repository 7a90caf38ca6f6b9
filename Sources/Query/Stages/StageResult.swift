import Basics
import Columns
import Storage
import Wire

/// What a task of a query's last stage returns to the driver.
package struct StageResult: Sendable, WireCodable {
  /// See ``RowBlock``.
  package var blocks: [[UInt8]]
  /// The files that the task has written.
  package var files: [StagedFile]
  package var note: StageNote?
  package var rows: Int

  package init(blocks: [[UInt8]], files: [StagedFile], note: StageNote?, rows: Int) {
    self.blocks = blocks
    self.files = files
    self.note = note
    self.rows = rows
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    let count = try reader.count()
    var blocks: [[UInt8]] = []
    while blocks.count < count { blocks.append(try reader.blob()) }
    self.blocks = blocks
    files = try reader.list()
    note = try reader.optional()
    rows = try reader.count()
  }

  package func encode(to writer: inout ByteWriter) {
    writer.count(blocks.count)
    for block in blocks { writer.blob(block) }
    writer.list(files)
    writer.optional(note)
    writer.count(rows)
  }
}
