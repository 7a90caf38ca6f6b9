/// Counts only the time during which an event loop was awake, for timeouts that wait on other processes.
///
/// A process that was stopped, or whose machine was suspended, could not receive anything, so that time must not count as
/// silence from its peers. Between two turns of the loop the clock therefore advances by at most `longestTurn`, the longest a
/// turn may take on a busy machine.
package struct AwakeClock: Sendable {
  private let longestTurn: Duration
  private var lastTurn: Duration
  private var awake: Duration

  /// - Parameters:
  ///   - longestTurn: Well above the usual time between turns, and below every timeout that uses the clock.
  ///   - start: The start time, from a clock that keeps running while the machine sleeps.
  package init(longestTurn: Duration, start: Duration = .zero) {
    self.longestTurn = longestTurn
    lastTurn = start
    awake = start
  }

  /// Records a turn of the loop.
  /// - Parameter now: From the same clock as `start`. A time that has gone backwards counts as no time passed.
  /// - Returns: The time awake so far, without time spent suspended.
  package mutating func turn(at now: Duration) -> Duration {
    awake += min(max(now - lastTurn, .zero), longestTurn)
    lastTurn = now
    return awake
  }
}
