import CLinux

/// Keeps the C library's allocator from holding on to memory that nobody uses any more.
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

  /// Gives back what is free now.
  static func trim() { malloc_trim(0) }
}
