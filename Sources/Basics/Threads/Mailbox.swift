import Synchronization

/// A thread with an inbox. All events of a driver or a worker go through one, in the order of posting,
/// in batches. The owner closes it; events posted afterwards are dropped.
public final class Mailbox<Event: Sendable>: Sendable {
  @usableFromInline struct State: Sendable {
    @usableFromInline var events: [Event] = []
    @usableFromInline var isClosed = false

    @inlinable init() {}
  }

  /// Handles the batches. An object, because a function behind a generic lock is wrapped again at every access.
  @usableFromInline final class Handler: Sendable {
    @usableFromInline let handle: @Sendable ([Event]) -> Void

    @inlinable init(_ handle: @escaping @Sendable ([Event]) -> Void) { self.handle = handle }
  }

  @usableFromInline let state = Monitor(State())
  /// Set by `start`; the holder of the lock handles a batch.
  @usableFromInline let handler = Mutex<Handler?>(nil)

  @inlinable public init() {}

  /// - Returns: false if the mailbox is closed.
  @discardableResult
  @inlinable public func post(_ event: Event) -> Bool {
    state.change { state in
      if !state.isClosed { state.events.append(event) }
      return !state.isClosed
    }
  }

  /// Posts and handles pending events on this thread, unless another thread does. For a thread that waits for the result: it
  /// need not wait for the mailbox's thread.
  @inlinable public func postAndHandle(_ event: Event) {
    state.withLock { if !$0.isClosed { $0.events.append(event) } }
    // After a batch, the handler checks again once the lock is free, so that no event stays behind.
    while state.withLock({ !$0.events.isEmpty }) {
      let isFree = handler.withLockIfAvailable { handler in
        if let handler { handler.handle(take()) }
        return handler != nil
      }
      guard isFree == true else { return }
    }
  }

  @inlinable func take() -> [Event] {
    state.withLock { state in
      defer { state.events = [] }
      return state.events
    }
  }

  @inlinable public func close() { state.change { $0.isClosed = true } }

  /// Starts the mailbox's thread.
  /// - Parameters:
  ///   - tick: `handle` is called at least this often, with no events if there are none.
  ///   - handle: Takes a batch; runs on the mailbox's thread, and on those that call `postAndHandle`.
  ///   - ended: Called last, after the mailbox was closed and drained.
  @inlinable public func start(
    _ name: String, tick: Duration, handle: @escaping @Sendable ([Event]) -> Void,
    ended: @escaping @Sendable () -> Void = {}
  ) throws {
    handler.withLock { $0 = Handler(handle) }
    try startThread(name) {
      while true {
        _ = self.state.wait(tick) { state in state.events.isEmpty && !state.isClosed ? nil : true }
        self.handler.withLock { $0?.handle(self.take()) }
        let isOver = self.state.withLock { $0.isClosed && $0.events.isEmpty }
        if isOver {
          self.handler.withLock { $0 = nil }
          return ended()
        }
      }
    }
  }
}

/// Own threads for everything that blocks or computes; never Swift concurrency's cooperative pool.
@usableFromInline package func startThread(_ name: String, _ body: @escaping @Sendable () -> Void) throws {
  let code = SystemThread.start(name, body)
  guard code == 0 else { throw ClusterError.thread(name, code: code) }
}

/// Why a driver or a worker cannot start.
package enum ClusterError: Error, Hashable, Sendable, CustomStringConvertible {
  case thread(String, code: Int32)
  /// Local workers did not join in time, or exited.
  case workers(String)
  case driver(String)
  /// Too little memory for the settings.
  case memory(String)
  /// The folder for temporary files cannot be used.
  case scratch(String)

  package var description: String {
    switch self {
    case .thread(let name, let code): "cannot start the thread '\(name)': error \(code)"
    case .workers(let message), .driver(let message), .memory(let message), .scratch(let message): message
    }
  }
}
