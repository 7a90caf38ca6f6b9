import Basics

/// Why a task attempt ended without a result. A closed set that is preserved over the wire, so nobody parses messages.
public enum TaskFailure: Error, Hashable, Sendable {
  /// May succeed elsewhere or later: an I/O error, a full disk, a peer that disconnected.
  case transient(String)
  /// Will fail again wherever it runs, so the job fails.
  case fatal(String)
  /// The input does not have the expected format. `location` names the object and the offset, row or column. The job fails.
  case badInput(location: String, message: String)
  /// A shuffle block could not be fetched, so the map task that made it must run again.
  case lostMapOutput(TaskAttemptID, message: String)
  /// The attempt was asked to stop.
  case cancelled

  public var message: String {
    switch self {
    case .transient(let message), .fatal(let message): message
    case .badInput(let location, let message): "\(location): \(message)"
    case .lostMapOutput(let map, let message): "map output \(map) is lost: \(message)"
    case .cancelled: "cancelled"
    }
  }
}

/// An error that says what it means for the task attempt that meets it.
package protocol TaskError: Error {
  var taskFailure: TaskFailure { get }
}

extension TaskFailure {
  /// The failure for any error of a task. Unknown errors may be transient and are retried.
  package init(_ error: any Error) {
    switch error {
    case let failure as TaskFailure: self = failure
    case let error as any TaskError: self = error.taskFailure
    case let error as WireError: self = .fatal("\(error)")
    default: self = .transient("\(error)")
    }
  }

  /// The longest message that is passed on, in bytes; longer ones are cut.
  package static let longestMessage = 64 << 10

  /// The same failure with its message cut to at most ``longestMessage`` bytes.
  package var shortened: TaskFailure {
    guard message.utf8.count > TaskFailure.longestMessage else { return self }
    func cut(_ text: String) -> String {
      text.utf8.count <= TaskFailure.longestMessage
        ? text : Excerpt.text(Array(text.utf8), atMost: TaskFailure.longestMessage)
    }
    return switch self {
    case .transient(let text): .transient(cut(text))
    case .fatal(let text): .fatal(cut(text))
    case .badInput(let location, let text): .badInput(location: cut(location), message: cut(text))
    case .lostMapOutput(let map, let text): .lostMapOutput(map, message: cut(text))
    case .cancelled: .cancelled
    }
  }
}

extension TaskFailure: WireCodable {
  public func encode(to writer: inout ByteWriter) {
    switch self {
    case .transient(let message):
      writer.integer(UInt8(0))
      writer.string(message)
    case .fatal(let message):
      writer.integer(UInt8(1))
      writer.string(message)
    case .badInput(let location, let message):
      writer.integer(UInt8(2))
      writer.string(location)
      writer.string(message)
    case .lostMapOutput(let map, let message):
      writer.integer(UInt8(3))
      writer.value(map)
      writer.string(message)
    case .cancelled:
      writer.integer(UInt8(4))
    }
  }

  public init(from reader: inout ByteReader) throws(WireError) {
    switch try reader.integer(UInt8.self) {
    case 0: self = .transient(try reader.string())
    case 1: self = .fatal(try reader.string())
    case 2: self = .badInput(location: try reader.string(), message: try reader.string())
    case 3: self = .lostMapOutput(try reader.value(), message: try reader.string())
    case 4: self = .cancelled
    case let tag: throw .invalid("task failure \(tag)")
    }
  }
}
