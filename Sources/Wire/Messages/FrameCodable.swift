import Basics

/// A message that is the payload of one frame; the frame's type says which case it is.
package protocol FrameCodable: Sendable {
  var frameType: UInt8 { get }
  func encode(to writer: inout ByteWriter)
  init(type: UInt8, from reader: inout ByteReader) throws(WireError)
}

extension FrameCodable {
  package var frame: Frame {
    var writer = ByteWriter()
    encode(to: &writer)
    return Frame(type: frameType, payload: writer.bytes)
  }

  package init(_ frame: Frame) throws(WireError) {
    var reader = ByteReader(frame.payload)
    try self.init(type: frame.type, from: &reader)
    try reader.expectEnd()
  }
}
