// Why a worker is no longer part of the cluster.

package enum WorkerEnd: Hashable, Sendable, CustomStringConvertible {
  /// It was asked to leave and has.
  case drained
  /// A new connection of the same process replaced it.
  case rejoined
  /// No heartbeat for this many seconds.
  case silent(Int)
  /// Its connection failed.
  case disconnected(String)

  /// Whether it left without losing anything unexpectedly.
  package var isOrderly: Bool {
    switch self {
    case .drained, .rejoined: true
    case .silent, .disconnected: false
    }
  }

  /// Its name in event logs.
  package var word: String {
    switch self {
    case .drained: "drained"
    case .rejoined: "rejoined"
    case .silent: "silent"
    case .disconnected: "disconnected"
    }
  }

  package var description: String {
    switch self {
    case .drained: "drained"
    case .rejoined: "it has joined again"
    case .silent(let seconds): "silent for \(seconds) s"
    case .disconnected(let reason): reason
    }
  }
}
