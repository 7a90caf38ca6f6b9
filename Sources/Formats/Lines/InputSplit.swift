import Basics
import Storage

/// The input of one map task: a byte range of an uncompressed object, or a whole object (`start` 0, `end` its size). A line
/// belongs to the split that contains its first byte.
package struct InputSplit: Hashable, Sendable, WireCodable {
  package let object: ObjectInfo
  package let start: Int64
  package let end: Int64
  /// The compression of the object; nil if the reader must detect it. Never nil for a range of an object.
  package let codec: Codec?

  package init(object: ObjectInfo, start: Int64, end: Int64, codec: Codec?) {
    self.object = object
    self.start = start
    self.end = end
    self.codec = codec
  }

  /// A whole object.
  package init(_ object: ObjectInfo, codec: Codec? = nil) {
    self.init(object: object, start: 0, end: object.size, codec: codec)
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    object = ObjectInfo(uri: try reader.string(), size: try reader.signed(), version: try reader.string())
    start = try reader.signed()
    end = try reader.signed()
    let name = try reader.string()
    codec = Codec(rawValue: name)
    guard codec != nil || name.isEmpty else { throw .invalid("codec '\(name)'") }
  }

  package func encode(to writer: inout ByteWriter) {
    writer.string(object.uri)
    writer.signed(object.size)
    writer.string(object.version)
    writer.signed(start)
    writer.signed(end)
    writer.string(codec?.rawValue ?? "")
  }
}
