import Wire

/// From a client to a driver. One connection carries one job; a client that goes away cancels its job.
package enum ClientMessage: FrameCodable {
  case submit(text: String, name: String, force: Bool)
  case cancel

  package var frameType: UInt8 {
    switch self {
    case .submit: 96
    case .cancel: 97
    }
  }

  package func encode(to writer: inout ByteWriter) {
    guard case .submit(let text, let name, let force) = self else { return }
    writer.string(text)
    writer.string(name)
    writer.bool(force)
  }

  package init(type: UInt8, from reader: inout ByteReader) throws(WireError) {
    switch type {
    case 96: self = .submit(text: try reader.string(), name: try reader.string(), force: try reader.bool())
    case 97: self = .cancel
    default: throw .invalid("client message type \(type)")
    }
  }
}

/// From a driver to a client.
package enum ClientReply: FrameCodable {
  case event(JobEvent)

  package var frameType: UInt8 { 98 }

  package func encode(to writer: inout ByteWriter) {
    switch self {
    case .event(let event): writer.value(event)
    }
  }

  package init(type: UInt8, from reader: inout ByteReader) throws(WireError) {
    guard type == 98 else { throw .invalid("client reply type \(type)") }
    self = .event(try reader.value())
  }
}
