import Transport

/// A number of bytes that several hold parts of. Any thread.
final class MemoryPool: Sendable {
  let limit: Int
  private let held = Monitor(0)

  init(limit: Int) { self.limit = limit }

  var used: Int { held.withLock { $0 } }

  func reserve(_ bytes: Int) -> Bool {
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

  /// Bytes that are there anyway: may go over the limit.
  func add(_ bytes: Int) { held.withLock { $0 += bytes } }

  func release(_ bytes: Int) { held.change { $0 -= bytes } }
}
