import Foundation

/// The end of the pipe that the signal handler writes to. A plain global with a constant initial value: a handler may only use
/// what needs no lazy initialization. Written once, before handlers are installed.
private nonisolated(unsafe) var interruptPipe: Int32 = -1

/// Delivers SIGINT, SIGTERM and SIGHUP (terminal closed; not under nohup) as calls on a separate thread.
/// Uses handlers because child processes would inherit a mask or SIG_IGN.
package enum Interrupts {
  /// - Parameters:
  ///   - first: Called at the first signal, to shut down in order.
  ///   - graceSeconds: Time limit for that.
  ///   - last: Called at a second signal or after the time limit, to exit now.
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

  /// Whether a signal arrived in time; -1 waits forever.
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
