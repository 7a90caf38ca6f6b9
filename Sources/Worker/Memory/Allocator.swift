import CLinux
import Synchronization

/// How the C library's allocator holds on to memory that nobody uses any more.
enum Allocator {
  /// Bytes of a slot from which it is left as it is: what it keeps is no matter then, and new memory costs time.
  static let ample = 256 << 20

  /// Large blocks come from the system and go back to it; the library's own default is to keep up to 32 MiB of each size it
  /// has seen, for every thread.
  static func returnMemory() {
    mallopt(M_ARENA_MAX, 2)
    mallopt(M_MMAP_THRESHOLD, 128 << 10)
    mallopt(M_TRIM_THRESHOLD, 512 << 10)
  }

  /// What a task has given back stays for the next one: new pages take longer to get than to fill.
  static func keepMemory() {
    // The most that the library takes; larger blocks come from the system.
    mallopt(M_MMAP_THRESHOLD, 32 << 20)
    mallopt(M_TRIM_THRESHOLD, 256 << 20)
  }

  /// The tables of a slot's tasks lie in large pages; beyond these, map outputs would pay for clean memory twice. For the thread that
  /// calls this, after ``keepMemory()``.
  static func useLargePages() { swiftlet_use_large_pages(28 << 20) }

  private static let lastTrim = Mutex(ContinuousClock.now)

  /// Gives back what is free now; ten times a second at most, since short tasks would wait for it longer than they run.
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
