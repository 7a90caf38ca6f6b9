import Basics

/// Traffic counters of a transport since it was created. Any thread.
package final class TransportCounters: Sendable {
  package struct Counts: Hashable, Sendable {
    package var bytesReceived = 0
    package var bytesSent = 0
    package var framesReceived = 0
    package var framesSent = 0
    package var connectionsOpened = 0
    package var connectionsClosed = 0
    /// Peers dropped because their bytes were not valid frames.
    package var protocolErrors = 0
    /// Peers refused: no handshake in time, a failed one, or too many at once.
    package var handshakesRefused = 0
    /// Times a new connection could not be accepted for lack of descriptors or memory.
    package var acceptFailures = 0
  }

  // A Monitor and not a Mutex: the thread sanitizer does not see a Mutex's lock.
  private let counts = Monitor(Counts())

  package init() {}

  package var current: Counts { counts.withLock { $0 } }

  func update(_ change: (inout Counts) -> Void) { counts.withLock { change(&$0) } }
}
