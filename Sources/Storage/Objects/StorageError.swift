import Wire

/// A failure to read or write data, with the path or URI it concerns.
package enum StorageError: TaskError, Hashable, Sendable, CustomStringConvertible {
  /// Trying again may help: connection lost, disk full, call interrupted.
  case transient(place: String, message: String)
  case notFound(place: String, message: String)
  /// The bytes are wrong; trying again will not help.
  case corrupt(place: String, message: String)
  /// Access denied, wrong address, wrong kind: the user must change something.
  case invalid(place: String, message: String)

  package var description: String {
    switch self {
    case .transient(let place, let message), .notFound(let place, let message),
      .corrupt(let place, let message), .invalid(let place, let message):
      "\(place): \(message)"
    }
  }

  /// What the failure means for a task attempt that meets it.
  package var taskFailure: TaskFailure {
    switch self {
    case .transient: .transient(description)
    case .corrupt(let place, let message): .badInput(place: place, message: message)
    case .notFound, .invalid: .fatal(description)
    }
  }
}
