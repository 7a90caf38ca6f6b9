import Wire

extension StorageError {
  /// What the failure means for the task attempt that met it.
  package var taskFailure: TaskFailure {
    switch self {
    case .transient: .transient(description)
    case .corrupt(let place, let message): .badInput(place: place, message: message)
    case .notFound, .invalid: .fatal(description)
    }
  }
}
