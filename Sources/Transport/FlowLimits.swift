/// How much may be queued on one connection in each direction, and for how long.
package struct FlowLimits: Hashable, Sendable {
  /// The send queue counts as full at this many bytes. A full queue is back-pressure: bulk senders wait
  /// (``Connection/waitUntilWritable(below:timeout:)``), others send no more work until it drains
  /// (``Connection/pendingBytes``). Nothing is refused, so short messages can still be sent behind a large one.
  package var unsent: Int
  /// A peer that takes nothing from a full queue for this long is lost: ``CloseReason/stalled(waiting:)``.
  package var stallTimeout: Duration
  /// The connection stops reading when this many bytes have been passed on by a handler and not yet released
  /// (``Connection/hold(_:)``). The system's buffers then fill up and hold the peer back. Reading resumes below half of this.
  package var unhandled: Int

  package init(unsent: Int = 64 << 20, stallTimeout: Duration = .seconds(30), unhandled: Int = 8 << 20) {
    self.unsent = unsent
    self.stallTimeout = stallTimeout
    self.unhandled = unhandled
  }
}

/// Counts bytes that a handler passed on and that have not been processed yet.
struct HeldBytes: Sendable {
  private var bytes = 0
  /// Whether reading is suspended.
  private(set) var isFull = false

  mutating func hold(_ count: Int, _ limits: FlowLimits) {
    bytes += count
    if bytes >= limits.unhandled { isFull = true }
  }

  /// - Returns: Whether reading resumes.
  mutating func release(_ count: Int, _ limits: FlowLimits) -> Bool {
    bytes = max(0, bytes - count)
    guard isFull, bytes * 2 < limits.unhandled else { return false }
    isFull = false
    return true
  }
}

/// Detects a peer that takes nothing from a full queue.
///
/// It counts checks, not time: a process that was suspended made no checks, and must not blame its peers when it resumes.
struct StallWatch: Sendable {
  enum Verdict {
    /// Check again after ``interval(_:)``.
    case watching
    case drained
    case stalled
  }

  private static let checks = 10

  private var isWatching = false
  private var idleChecks = 0
  private var takenBefore = 0

  static func interval(_ limits: FlowLimits) -> Duration { limits.stallTimeout / checks }

  /// Called after bytes were queued.
  /// - Parameter taken: Bytes that the network has taken so far.
  /// - Returns: Whether to start checking.
  mutating func begin(pending: Int, taken: Int, _ limits: FlowLimits) -> Bool {
    guard pending >= limits.unsent, !isWatching else { return false }
    isWatching = true
    idleChecks = 0
    takenBefore = taken
    return true
  }

  mutating func check(pending: Int, taken: Int, _ limits: FlowLimits) -> Verdict {
    guard pending >= limits.unsent else {
      isWatching = false
      return .drained
    }
    idleChecks = taken == takenBefore ? idleChecks + 1 : 0
    takenBefore = taken
    return idleChecks >= StallWatch.checks ? .stalled : .watching
  }
}
