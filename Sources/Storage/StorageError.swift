/// A failure to read or write data, with the place it happened.
package enum StorageError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Trying again may help: connection loss, a full disk, an interrupted call.
  case transient(place: String, message: String)
  /// There is nothing at that place.
  case notFound(place: String, message: String)
  /// The bytes are not what they should be; trying again will not help.
  case corrupt(place: String, message: String)
  /// Not allowed, wrong address, wrong kind: the user must change something.
  case invalid(place: String, message: String)

  package var description: String {
    switch self {
    case .transient(let place, let message), .notFound(let place, let message),
      .corrupt(let place, let message), .invalid(let place, let message):
      "\(place): \(message)"
    }
  }
}
