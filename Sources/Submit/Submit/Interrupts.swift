import Foundation

/// The end of the pipe that the signal handler writes to. A plain global with a constant: a handler may only touch
/// what needs no initialization. Written once, before handlers are installed.
private nonisolated(unsafe) var interruptPipe: Int32 = -1

/// SIGINT, SIGTERM and SIGHUP (the terminal is gone; not under nohup) as calls on a thread of their own. Handlers (rather than a mask or SIG_IGN) because child
/// processes inherit those and not these.
package enum Interrupts {
  /// - Parameters:
  ///   - first: Called at the first signal: ask for an orderly end.
  ///   - graceSeconds: How long that may take.
  ///   - last: Called at a second signal, or when the time is over: end the process now. The argument tells which.
  package static func watch(
    first: @escaping @Sendable () -> Void, graceSeconds: Int32 = 10,
    last: @escaping @Sendable (_ timedOut: Bool) -> Never
  ) {
    var ends: [Int32] = [-1, -1]
    guard interruptPipe < 0, pipe(&ends) == 0 else { return }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    interruptPipe = ends[1]
    let reading = ends[0]
    for number in [SIGINT, SIGTERM, SIGHUP] {
      let before = signal(number) { number in
        let saved = errno
        var byte = UInt8(truncatingIfNeeded: number)
        _ = write(interruptPipe, &byte, 1)
        errno = saved
      }
      if number == SIGHUP, unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) {
        signal(number, SIG_IGN)
      }
    }
    let thread = Thread {
      guard wait(reading, milliseconds: -1) else { return }
      first()
      last(!wait(reading, milliseconds: graceSeconds * 1000))
    }
    thread.name = "interrupts"
    thread.start()
  }

  /// Whether a signal came within that time; -1 waits without limit, for a signal is all there is to wait for.
  private static func wait(_ descriptor: Int32, milliseconds: Int32) -> Bool {
    let limit = DispatchTime.now() + .milliseconds(Int(milliseconds))
    while true {
      var rest: Int32 = -1
      if milliseconds >= 0 {
        let now = DispatchTime.now()
        rest =
          now >= limit
          ? 0 : Int32(clamping: (limit.uptimeNanoseconds - now.uptimeNanoseconds) / 1_000_000 + 1)
      }
      var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let ready = poll(&request, 1, rest)
      if ready > 0 {
        var byte: UInt8 = 0
        return read(descriptor, &byte, 1) == 1
      }
      if ready == 0 { return false }
      if errno != EINTR { return false }
    }
  }
}
