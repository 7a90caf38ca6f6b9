import Basics
import CLinux
import Glibc

/// The process's only thread that waits for the network. It tells sources when they are ready, runs jobs in the order they were
/// submitted, and fires timers when they are due. Connection handlers run here, so none may block.
// Sendable: `shared` is behind its lock, the descriptors never change, and the scratch memory is touched by the
// reactor's own thread only.
final class Reactor: @unchecked Sendable {
  /// Maximum number of bytes per read.
  static let scratchSize = 256 << 10

  private struct Shared: Sendable {
    var sources: [UInt64: any ReactorSource] = [:]
    var lastSource: UInt64 = 0
    var jobs: [@Sendable () -> Void] = []
    var timers = TimerQueue()
    /// The thread is awake or a wake-up has been sent, so no other is needed.
    var isAwake = true
  }

  private let shared = Monitor(Shared())
  private let epoll: Int32
  private let wake: Int32
  /// Buffer for reads. Its content is undefined after a source's call returns.
  let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: scratchSize, alignment: 64)
  /// Buffer for decrypted bytes, like ``scratch``.
  let plain = UnsafeMutableRawBufferPointer.allocate(byteCount: scratchSize, alignment: 64)

  static let process: Result<Reactor, TransportError> = {
    do throws(TransportError) { return .success(try Reactor()) } catch { return .failure(error) }
  }()

  /// The process's reactor. Started on first use; runs as long as the process.
  static func current() throws(TransportError) -> Reactor { try process.get() }

  private init() throws(TransportError) {
    epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard epoll >= 0 else { throw .system(call: "epoll_create1", code: errno, at: "network") }
    wake = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
    guard wake >= 0 else { throw .system(call: "eventfd", code: errno, at: "network") }
    var event = epoll_event()
    event.events = EPOLLIN.rawValue
    guard epoll_ctl(epoll, EPOLL_CTL_ADD, wake, &event) == 0 else {
      throw .system(call: "epoll_ctl", code: errno, at: "network")
    }
    let code = SystemThread.start("reactor") { self.run() }
    guard code == 0 else { throw .system(call: "pthread_create", code: code, at: "network") }
  }

  /// Whether the caller runs in a handler, job or timer of this reactor.
  var isCurrentThread: Bool { pthread_equal(pthread_self(), thread.withLock { $0 }) != 0 }

  private let thread = Monitor(pthread_t())

  /// Runs `job` on the reactor's thread, after all jobs submitted before; never within this call.
  func execute(_ job: @escaping @Sendable () -> Void) {
    notify { $0.jobs.append(job) }
  }

  func schedule(after delay: Duration, _ work: @escaping @Sendable () -> Void) -> TimerQueue.ID {
    notify { $0.timers.schedule(Deadline(after: delay), work) }
  }

  func cancel(_ timer: TimerQueue.ID) { shared.withLock { $0.timers.cancel(timer) } }

  private func notify<R>(_ change: (inout Shared) -> R) -> R {
    let (result, mustWake) = shared.withLock { shared in
      let result = change(&shared)
      defer { shared.isAwake = true }
      return (result, !shared.isAwake)
    }
    if mustWake {
      var one: UInt64 = 1
      _ = write(wake, &one, 8)
    }
    return result
  }

  /// Watches a descriptor for `events`. Retains the source until ``remove(_:descriptor:)``.
  func add(_ source: any ReactorSource, descriptor: Int32, events: UInt32) throws(TransportError) -> UInt64 {
    let id = shared.withLock { shared in
      shared.lastSource += 1
      shared.sources[shared.lastSource] = source
      return shared.lastSource
    }
    guard control(EPOLL_CTL_ADD, descriptor, id, events) else {
      let code = errno
      shared.withLock { $0.sources[id] = nil }
      throw .system(call: "epoll_ctl", code: code, at: "network")
    }
    return id
  }

  func modify(_ id: UInt64, descriptor: Int32, events: UInt32) {
    _ = control(EPOLL_CTL_MOD, descriptor, id, events)
  }

  func remove(_ id: UInt64, descriptor: Int32) {
    _ = control(EPOLL_CTL_DEL, descriptor, id, 0)
    // Removing the entry may release the source, so not under the lock.
    _ = shared.withLock { $0.sources.removeValue(forKey: id) }
  }

  private func control(_ operation: Int32, _ descriptor: Int32, _ id: UInt64, _ events: UInt32) -> Bool {
    var event = epoll_event()
    event.events = events
    event.data.u64 = id
    return epoll_ctl(epoll, operation, descriptor, &event) == 0
  }

  private func run() {
    thread.withLock { $0 = pthread_self() }
    let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: 256)
    events.initialize(repeating: epoll_event(), count: 256)
    var jobs: [@Sendable () -> Void] = []
    while true {
      let timeout = shared.withLock { shared -> Int32 in
        guard shared.jobs.isEmpty else { return 0 }
        shared.isAwake = false
        return shared.timers.next?.remainingMilliseconds ?? -1
      }
      let count = epoll_wait(epoll, events, 256, timeout)
      shared.withLock { $0.isAwake = true }
      for index in 0..<max(0, Int(count)) {
        let id = events[index].data.u64
        if id == 0 {
          var value: UInt64 = 0
          _ = read(wake, &value, 8)
        } else if let source = shared.withLock({ $0.sources[id] }) {
          source.ready(events[index].events)
        }
      }
      shared.withLock { swap(&$0.jobs, &jobs) }
      for job in jobs { job() }
      jobs.removeAll(keepingCapacity: true)
      let now = Deadline.now
      while let work = shared.withLock({ $0.timers.popDue(now) }) { work() }
    }
  }
}

/// Something with a descriptor that the reactor watches.
protocol ReactorSource: AnyObject, Sendable {
  /// Called on the reactor's thread with the epoll events that occurred.
  func ready(_ events: UInt32)
}
