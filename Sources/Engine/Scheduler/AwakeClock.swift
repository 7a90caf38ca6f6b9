/// The time for which a loop has been awake, as far as waiting for others is concerned.
///
/// A process that was stopped, or whose machine was suspended, could not hear anybody: all of that time it was deaf, and nobody was
/// silent. So between two turns of its loop the clock moves on by what a busy machine may take for one, and by no more.
package struct AwakeClock: Sendable {
  private let longestTurn: Duration
  private var lastTurn: Duration
  private var awake: Duration

  /// - Parameters:
  ///   - longestTurn: Well above the time from turn to turn, and below every time limit that the clock is for.
  ///   - start: The time of its start, by a clock that does not stand still while a machine sleeps.
  package init(longestTurn: Duration, start: Duration = .zero) {
    self.longestTurn = longestTurn
    lastTurn = start
    awake = start
  }

  /// Takes note of a turn of the loop.
  /// - Parameter now: By the same clock as the start; one that has gone back counts as one that stood.
  /// - Returns: The time, without what was slept.
  package mutating func turn(at now: Duration) -> Duration {
    awake += min(max(now - lastTurn, .zero), longestTurn)
    lastTurn = now
    return awake
  }
}
