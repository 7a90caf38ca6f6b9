import Basics
import Storage

/// What one map task reads: a byte range of an uncompressed object, or a whole compressed one (`start` 0, `end` its size).
/// A line belongs to the split in which its first byte lies.
package struct InputSplit: Hashable, Sendable, WireCodable {
  package let object: ObjectInfo
  package let start: Int64
  package let end: Int64

  package init(object: ObjectInfo, start: Int64, end: Int64) {
    self.object = object
    self.start = start
    self.end = end
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    object = ObjectInfo(uri: try reader.string(), size: try reader.signed(), version: try reader.string())
    start = try reader.signed()
    end = try reader.signed()
  }

  package func encode(to writer: inout ByteWriter) {
    writer.string(object.uri)
    writer.signed(object.size)
    writer.string(object.version)
    writer.signed(start)
    writer.signed(end)
  }
}
