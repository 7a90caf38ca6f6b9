import Basics

/// A message that is the payload of one frame. The frame's type determines the case.
package protocol FrameCodable: Sendable {
  var frameType: UInt8 { get }
  func encode(to writer: inout ByteWriter)
  init(type: UInt8, from reader: inout ByteReader) throws(WireError)
}

extension FrameCodable {
  /// - Throws: ``FrameError/tooLong(_:limit:)``, so that the sender finds out instead of the peer.
  package var frame: Frame {
    get throws(FrameError) {
      let payload = payload
      guard payload.count <= Frame.maximumPayload else {
        throw .tooLong(payload.count, limit: Frame.maximumPayload)
      }
      return Frame(type: frameType, payload: payload)
    }
  }

  package var payload: [UInt8] {
    var writer = ByteWriter()
    encode(to: &writer)
    return writer.bytes
  }

  package init(_ frame: Frame) throws(WireError) {
    var reader = ByteReader(frame.payload)
    try self.init(type: frame.type, from: &reader)
    try reader.expectEnd()
  }
}
