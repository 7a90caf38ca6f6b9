import Synchronization

/// A thread with an inbox: everything that happens to a driver or a worker goes through one, in the order it was posted,
/// in batches, one at a time. The owner closes it; what is posted afterwards goes nowhere.
package final class Mailbox<Event: Sendable>: Sendable {
  private struct State: Sendable {
    var events: [Event] = []
    var isClosed = false
  }

  /// What takes the batches. An object: a function behind a generic lock would be wrapped once more at every look at it.
  private final class Handler: Sendable {
    let handle: @Sendable ([Event]) -> Void

    init(_ handle: @escaping @Sendable ([Event]) -> Void) { self.handle = handle }
  }

  private let state = Monitor(State())
  /// From `start` on; whoever holds the lock handles a batch.
  private let handler = Mutex<Handler?>(nil)

  package init() {}

  /// - Returns: false where the mailbox is closed.
  @discardableResult
  package func post(_ event: Event) -> Bool {
    state.change { state in
      if !state.isClosed { state.events.append(event) }
      return !state.isClosed
    }
  }

  /// Posts, and handles what is there on this thread, unless another is at it. For a thread that what follows is meant for: it
  /// need not wait until the mailbox's thread has run.
  package func postAndHandle(_ event: Event) {
    state.withLock { if !$0.isClosed { $0.events.append(event) } }
    // Whoever handled a batch looks again when the lock is free: nothing stays that was posted while it was taken.
    while state.withLock({ !$0.events.isEmpty }) {
      let isFree = handler.withLockIfAvailable { handler in
        if let handler { handler.handle(take()) }
        return handler != nil
      }
      guard isFree == true else { return }
    }
  }

  private func take() -> [Event] {
    state.withLock { state in
      defer { state.events = [] }
      return state.events
    }
  }

  package func close() { state.change { $0.isClosed = true } }

  /// Starts the thread.
  /// - Parameters:
  ///   - tick: `handle` is called at least this often, with no events if there are none.
  ///   - handle: Takes a batch; runs on the mailbox's thread, and on those that call `postAndHandle`.
  ///   - ended: The last call, after the mailbox was closed and emptied.
  package func start(
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

/// Threads of our own for whatever blocks or computes; never Swift concurrency's cooperative pool.
package func startThread(_ name: String, _ body: @escaping @Sendable () -> Void) throws {
  let code = SystemThread.start(name, body)
  guard code == 0 else { throw ClusterError.thread(name, code: code) }
}

/// Why a driver or a worker cannot do its work at all.
package enum ClusterError: Error, Hashable, Sendable, CustomStringConvertible {
  case thread(String, code: Int32)
  /// Local workers that did not join in time, or ended.
  case workers(String)
  case driver(String)
  /// Too little memory for what was asked for.
  case memory(String)
  /// A folder of temporary files that cannot be used.
  case scratch(String)

  package var description: String {
    switch self {
    case .thread(let name, let code): "cannot start the thread '\(name)': error \(code)"
    case .workers(let message), .driver(let message), .memory(let message), .scratch(let message): message
    }
  }
}
