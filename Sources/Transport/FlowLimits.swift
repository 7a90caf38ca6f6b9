/// How much may wait at one connection, each way. Nothing at a connection grows beyond these, whatever the peer does.
package struct FlowLimits: Hashable, Sendable {
  /// Bytes that may wait for a peer that does not read. Bulk senders wait (``Connection/waitUntilWritable(below:timeout:)``);
  /// whoever sends without waiting loses the connection when this much waits already: ``CloseReason/overflow(limit:)``.
  /// One call's frames more than this may wait, so that a single large message always goes out.
  package var unsent: Int
  /// Bytes that a handler may have handed over and not yet released (``Connection/hold(_:)``) before the connection
  /// reads no more. The system's buffers fill then, and the peer is held back. It reads again below half of this.
  package var unhandled: Int

  package init(unsent: Int = 64 << 20, unhandled: Int = 8 << 20) {
    self.unsent = unsent
    self.unhandled = unhandled
  }
}

/// What a handler has handed over and nobody has dealt with yet.
struct HeldBytes: Sendable {
  private var bytes = 0
  /// Nothing is to be read now.
  private(set) var isFull = false

  mutating func hold(_ count: Int, _ limits: FlowLimits) {
    bytes += count
    if bytes >= limits.unhandled { isFull = true }
  }

  /// - Returns: Whether reading goes on with this.
  mutating func release(_ count: Int, _ limits: FlowLimits) -> Bool {
    bytes = max(0, bytes - count)
    guard isFull, bytes * 2 < limits.unhandled else { return false }
    isFull = false
    return true
  }
}
