import Wire

/// A failure to read or write data, with the path or URI it concerns.
package enum StorageError: TaskError, Hashable, Sendable, CustomStringConvertible {
  /// Trying again may help: connection lost, disk full, call interrupted.
  case transient(location: String, message: String)
  case notFound(location: String, message: String)
  /// The bytes are wrong; trying again will not help.
  case corrupt(location: String, message: String)
  /// Access denied, wrong address, wrong kind: the user must change something.
  case invalid(location: String, message: String)

  package var description: String {
    switch self {
    case .transient(let location, let message), .notFound(let location, let message),
      .corrupt(let location, let message), .invalid(let location, let message):
      "\(location): \(message)"
    }
  }

  /// What the failure means for a task attempt that meets it.
  package var taskFailure: TaskFailure {
    switch self {
    case .transient: .transient(description)
    case .corrupt(let location, let message): .badInput(location: location, message: message)
    case .notFound, .invalid: .fatal(description)
    }
  }
}
