import Basics
import Wire

/// Bytes that a store holds and does not show: `complete` makes them the object, `abort` drops them.
package struct ObjectUpload: Sendable {
  /// URI of the object.
  package let uri: String
  /// The store's name for the upload.
  package let id: String
  package var parts: [UploadPart] = []
  /// Size of the whole object.
  package var bytes = 0

  package init(uri: String, id: String, parts: [UploadPart] = [], bytes: Int = 0) {
    self.uri = uri
    self.id = id
    self.parts = parts
    self.bytes = bytes
  }
}

/// A part of an upload, as the server holds it.
package struct UploadPart: Hashable, Sendable, WireCodable {
  package let number: Int
  package let eTag: String

  package init(number: Int, eTag: String) {
    self.number = number
    self.eTag = eTag
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(number: try reader.count(), eTag: try reader.string())
  }

  package func encode(to writer: inout ByteWriter) {
    writer.count(number)
    writer.string(eTag)
  }
}

/// A sink whose `close` leaves an upload for somebody else to complete.
package protocol UploadSink: ByteSink {
  /// nil before `close`.
  var upload: ObjectUpload? { get }
}
