import Foundation
import Synchronization

/// Limits the total rate of several threads. The generated events do not depend on it.
package final class Pacer: Sendable {
  private let rate: Double
  private let start = ContinuousClock.now
  private let granted = Mutex(0.0)

  /// - Parameter rate: Events per second, over 0.
  package init(rate: Double) { self.rate = rate }

  /// Waits until `count` more events are due, or until `isCancelled`, which is called ten times per second, returns true.
  package func wait(_ count: Int, isCancelled: () -> Bool) {
    let due = granted.withLock { granted in
      defer { granted += Double(count) }
      return start + .seconds(granted / rate)
    }
    while !isCancelled() {
      let left = ContinuousClock.now.duration(to: due) / .seconds(1)
      if left <= 0 { return }
      Thread.sleep(forTimeInterval: min(left, 0.1))
    }
  }
}
