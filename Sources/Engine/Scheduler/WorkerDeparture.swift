/// Why a worker left or was lost. A closed set; its text is for people only.
package enum WorkerDeparture: Hashable, Sendable, CustomStringConvertible {
  /// Its connection ended for this reason.
  case disconnected(String)
  /// Nothing was heard from it for this many seconds.
  case silent(seconds: Int)
  /// It sent an invalid message.
  case protocolViolation(String)
  /// The same process joined again, so only its connection had broken.
  case rejoined
  /// It asked to leave, and nothing it held was still needed.
  case drained

  package var description: String {
    switch self {
    case .disconnected(let reason), .protocolViolation(let reason): reason
    case .silent(let seconds): "silent for \(seconds) s"
    case .rejoined: "it has joined again"
    case .drained: "drained"
    }
  }

  /// True if nothing went wrong with the process.
  package var isOrderly: Bool {
    switch self {
    case .rejoined, .drained: true
    case .disconnected, .silent, .protocolViolation: false
    }
  }
}
