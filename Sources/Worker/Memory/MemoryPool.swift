import Basics
import Transport

/// A budget of bytes shared by several holders. Can be used from any thread.
package final class MemoryPool: Sendable {
  package let limit: Int
  private let held = Monitor(0)

  package init(limit: Int) { self.limit = limit }

  package var used: Int { held.withLock { $0 } }

  package func reserve(_ bytes: Int) -> Bool {
    held.withLock { held in
      guard bytes <= limit - held else { return false }
      held += bytes
      return true
    }
  }

  /// Waits for others to release.
  func reserve(_ bytes: Int, within timeout: Duration) -> Bool {
    held.wait(timeout) { held in
      guard bytes <= limit - held else { return nil }
      held += bytes
      return true
    } ?? false
  }

  package func release(_ bytes: Int) { held.change { $0 -= bytes } }
}
