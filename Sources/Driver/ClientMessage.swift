import Basics
import Jobs
import Telemetry
import Wire

/// A message from a client to a driver. A connection carries one job or one query. When the client disconnects, its job is cancelled, unless it was
/// detached. If the driver keeps state, the client may reconnect for a while.
package enum ClientMessage: FrameCodable {
  /// - Parameter id: nil to let the driver choose.
  case submit(JobSubmission, id: JobID?)
  case cancel
  case ask(JobQuestion)
  /// Follows an existing job from its start: past events are sent again, without task progress.
  case attach(JobID)

  package var frameType: UInt8 {
    switch self {
    case .submit: 96
    case .cancel: 97
    case .ask: 99
    case .attach: 102
    }
  }

  package func encode(to writer: inout ByteWriter) {
    switch self {
    case .submit(let submission, let id):
      writer.string(submission.text)
      writer.string(submission.name)
      writer.bool(submission.force)
      writer.bool(submission.isDetached)
      writer.bool(id != nil)
      if let id { writer.value(id) }
    case .cancel: break
    case .ask(let question): writer.value(question)
    case .attach(let id): writer.value(id)
    }
  }

  package init(type: UInt8, from reader: inout ByteReader) throws(WireError) {
    switch type {
    case 96:
      let text = try reader.string()
      let name = try reader.string()
      let submission = JobSubmission(
        name: name, text: text, force: try reader.bool(), isDetached: try reader.bool())
      self = .submit(submission, id: try reader.bool() ? try reader.value() : nil)
    case 97: self = .cancel
    case 99: self = .ask(try reader.value())
    case 102: self = .attach(try reader.value())
    default: throw .invalid("client message type \(type)")
    }
  }
}

/// Queries about jobs. The answers are the documents of the HTTP API.
package enum JobQuestion: Hashable, Sendable, WireCodable {
  /// Jobs in a state; all if empty.
  case list(state: String)
  case status(JobID)
  case cancel(JobID)
  case logs(JobID)

  package func encode(to writer: inout ByteWriter) {
    switch self {
    case .list(let state):
      writer.integer(UInt8(0))
      writer.string(state)
    case .status(let id):
      writer.integer(UInt8(1))
      writer.value(id)
    case .cancel(let id):
      writer.integer(UInt8(2))
      writer.value(id)
    case .logs(let id):
      writer.integer(UInt8(3))
      writer.value(id)
    }
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    switch try reader.integer(UInt8.self) {
    case 0: self = .list(state: try reader.string())
    case 1: self = .status(try reader.value())
    case 2: self = .cancel(try reader.value())
    case 3: self = .logs(try reader.value())
    case let tag: throw .invalid("job question \(tag)")
    }
  }
}

/// A message from a driver to a client.
package enum ClientReply: FrameCodable {
  case event(JobEvent)
  /// A JSON document.
  case answer(String)
  /// Why there is none, as a message.
  case refused(String)
  /// The job is saved and survives the driver: a client that loses the driver can reconnect to it.
  case kept(JobID)

  package var frameType: UInt8 {
    switch self {
    case .event: 98
    case .answer: 100
    case .refused: 101
    case .kept: 103
    }
  }

  package func encode(to writer: inout ByteWriter) {
    switch self {
    case .event(let event): writer.value(event)
    case .answer(let text), .refused(let text): writer.string(text)
    case .kept(let id): writer.value(id)
    }
  }

  package init(type: UInt8, from reader: inout ByteReader) throws(WireError) {
    switch type {
    case 98: self = .event(try reader.value())
    case 100: self = .answer(try reader.string())
    case 101: self = .refused(try reader.string())
    case 103: self = .kept(try reader.value())
    default: throw .invalid("client reply type \(type)")
    }
  }
}

extension ClientReply {
  /// The reply as a frame. One that is too large is replaced by one that says so: the client is told something, and keeps its
  /// connection.
  package var sendable: Frame? {
    do { return try frame } catch {
      return switch self {
      case .event(.finished):
        try? ClientReply.event(.finished(.failed("the outcome cannot be sent: \(error)"))).frame
      case .event: try? ClientReply.event(.notice("an event of the job cannot be sent: \(error)")).frame
      case .answer, .refused, .kept: try? ClientReply.refused("the answer cannot be sent: \(error)").frame
      }
    }
  }
}
