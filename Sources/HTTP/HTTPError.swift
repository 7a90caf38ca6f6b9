/// Why a server cannot serve.
package enum HTTPError: Error, Hashable, Sendable, CustomStringConvertible {
  case cannotStart(String)

  package var description: String {
    switch self {
    case .cannotStart(let reason): "the HTTP server cannot start: \(reason)"
    }
  }
}
