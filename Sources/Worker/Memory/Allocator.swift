import CLinux
import Synchronization

/// Settings of the C library's allocator: when it keeps freed memory.
enum Allocator {
  /// With at least this much memory per slot, the defaults stay: kept memory does not matter then, and fresh memory costs time.
  static let ample = 256 << 20

  /// Large blocks are mapped and unmapped directly. By default the library keeps up to 32 MiB of each size it
  /// has seen, for every thread.
  static func returnMemory() {
    mallopt(M_ARENA_MAX, 2)
    mallopt(M_MMAP_THRESHOLD, 128 << 10)
    mallopt(M_TRIM_THRESHOLD, 512 << 10)
  }

  /// Keeps memory freed by a task for the next one: faulting in new pages takes longer than filling them.
  static func keepMemory() {
    // The largest accepted value; larger blocks are mapped directly.
    mallopt(M_MMAP_THRESHOLD, 32 << 20)
    mallopt(M_TRIM_THRESHOLD, 256 << 20)
  }

  /// Places the tables of a slot's tasks in huge pages; elsewhere, map outputs would pay for zeroed memory twice. For the calling thread,
  /// after ``keepMemory()``.
  static func useLargePages() { swiftlet_use_large_pages(28 << 20) }

  private static let lastTrim = Mutex(ContinuousClock.now)

  /// Returns free memory to the system, at most ten times per second: short tasks would wait for it longer than they run.
  static func trim() {
    let isDue = lastTrim.withLock { last in
      let now = ContinuousClock.now
      guard now - last > .milliseconds(100) else { return false }
      last = now
      return true
    }
    if isDue { malloc_trim(0) }
  }
}
