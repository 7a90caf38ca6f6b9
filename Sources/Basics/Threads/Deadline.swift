import Glibc

/// A moment on the monotonic clock.
public struct Deadline: Comparable, Sendable {
  /// Nanoseconds since the machine started.
  @usableFromInline let nanoseconds: Int64

  public static var now: Deadline { Deadline(nanoseconds: clockNanoseconds()) }

  public init(after duration: Duration) {
    // 30 years count as forever, so that no sum overflows.
    let seconds = min(max(duration.components.seconds, 0), 1_000_000_000)
    let rest = duration.components.seconds < 0 ? 0 : max(duration.components.attoseconds, 0) / 1_000_000_000
    nanoseconds = clockNanoseconds() + seconds * 1_000_000_000 + rest
  }

  private init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  public static func < (a: Deadline, b: Deadline) -> Bool { a.nanoseconds < b.nanoseconds }

  public var remaining: Duration { .nanoseconds(max(0, nanoseconds - clockNanoseconds())) }

  /// For `poll` and `epoll_wait`: rounded up, to never wake just before the deadline.
  public var remainingMilliseconds: Int32 {
    let rest = max(0, nanoseconds - clockNanoseconds())
    return Int32(clamping: rest / 1_000_000 + (rest % 1_000_000 == 0 ? 0 : 1))
  }

  @usableFromInline var timespec: timespec {
    Glibc.timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
  }
}

private func clockNanoseconds() -> Int64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
