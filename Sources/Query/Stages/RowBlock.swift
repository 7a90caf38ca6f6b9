import Basics
import Columns
import Shuffle
import Wire

/// What query stages send each other: rows of known fields, or what was noted on the way. Compressed as every shuffle block.
package enum RowBlock {
  case rows(ColumnBatch)
  case note(StageNote)

  package static func bytes(_ batch: ColumnBatch) throws(TaskFailure) -> [UInt8] {
    var writer = ByteWriter(reserving: batch.byteCount + 16)
    writer.integer(UInt8(0))
    batch.encode(to: &writer)
    return try CompressedBlock.make(writer.bytes)
  }

  package static func bytes(_ note: StageNote) throws(TaskFailure) -> [UInt8] {
    var writer = ByteWriter()
    writer.integer(UInt8(1))
    writer.value(note)
    return try CompressedBlock.make(writer.bytes)
  }

  /// - Returns: nil for an empty block.
  package init?(_ block: [UInt8], _ fields: [ColumnField]) throws {
    let contents = try CompressedBlock.contents(block)
    guard !contents.isEmpty else { return nil }
    var reader = ByteReader(contents)
    let kind: UInt8 = try reader.integer()
    switch kind {
    case 0: self = .rows(try ColumnBatch(fields, from: &reader))
    case 1: self = .note(try StageNote(from: &reader))
    default: throw WireError.invalid("block of kind \(kind)")
    }
    try reader.expectEnd()
  }
}
