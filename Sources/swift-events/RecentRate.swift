import Synchronization

/// The rate at which a count grew during the last seconds.
final class RecentRate: Sendable {
  private let seconds: Double
  private let samples: Mutex<[(time: ContinuousClock.Instant, count: Int)]>

  init(seconds: Double) {
    self.seconds = seconds
    samples = Mutex([(.now, 0)])
  }

  /// - Returns: The rate per second since the oldest sample within the window, or the one before it.
  func add(_ count: Int) -> Int {
    samples.withLock { samples in
      let now = ContinuousClock.now
      samples.append((now, count))
      while samples.count > 2, samples[1].time.duration(to: now) > .seconds(seconds) { samples.removeFirst() }
      let elapsed = samples[0].time.duration(to: now) / .seconds(1)
      return elapsed > 0 ? Int(Double(count - samples[0].count) / elapsed) : 0
    }
  }
}
