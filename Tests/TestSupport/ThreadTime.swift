import Glibc

/// Processor time of this thread: what a measurement on a shared machine should tell.
package struct ThreadTime {
  private let start = ThreadTime.now

  package init() {}

  package var seconds: Double { ThreadTime.now - start }

  private static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
