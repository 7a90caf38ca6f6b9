/// Why the server cannot start.
package enum HTTPError: Error, Hashable, Sendable, CustomStringConvertible {
  case cannotStart(String)

  package var description: String {
    switch self {
    case .cannotStart(let reason): "the HTTP server cannot start: \(reason)"
    }
  }
}
