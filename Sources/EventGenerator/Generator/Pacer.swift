import Foundation
import Synchronization

/// Holds several threads together to a rate. What is generated does not depend on it.
package final class Pacer: Sendable {
  private let rate: Double
  private let start = ContinuousClock.now
  private let granted = Mutex(0.0)

  /// - Parameter rate: Events a second, over 0.
  package init(rate: Double) { self.rate = rate }

  /// Waits until `count` more events may go, or until `isCancelled` says so, which is asked ten times a
  /// second.
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
