import Basics
import Wire

/// Requests and answers over one connection, for callers on threads. Many requests may be in progress at once. The payloads of
/// a request and of its answer begin with the same number (u64).
package final class RequestChannel: Sendable {
  package enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
    case timedOut
    case closed(CloseReason)
    /// Called from a connection's handler, where the answer could never arrive.
    case calledFromHandler

    package var description: String {
      switch self {
      case .timedOut: "no answer in time"
      case .closed(let reason): "connection lost: \(reason)"
      case .calledFromHandler: "a call that blocks was made from a connection's handler"
      }
    }
  }

  private typealias Waiter = Monitor<Result<Frame, Failure>?>

  private struct State: Sendable {
    var waiters: [UInt64: Waiter] = [:]
    var lastID: UInt64 = 0
    var closed: CloseReason?
  }

  package let connection: any Connection
  private let state = Monitor(State())
  private let onOther: @Sendable (Frame) -> Void

  /// Takes over the connection's handler.
  /// - Parameter onOther: Receives frames that answer no waiting request: late answers, and unsolicited frames. Runs on the
  ///   reactor's thread.
  package init(_ connection: any Connection, onOther: @escaping @Sendable (Frame) -> Void = { _ in }) {
    self.connection = connection
    self.onOther = onOther
    connection.start { [weak self] event in self?.handle(event) }
  }

  deinit { connection.close() }

  /// Nil while the connection is open.
  package var closeReason: CloseReason? { state.withLock { $0.closed } }

  /// Sends a request and waits for its answer.
  /// - Parameter body: Writes the payload after the number.
  /// - Returns: The answer. Its payload still begins with the eight bytes of the number.
  package func request(
    type: UInt8, timeout: Duration, _ body: (inout ByteWriter) -> Void = { _ in }
  ) throws(Failure) -> Frame {
    if case .success(let reactor) = Reactor.process, reactor.isCurrentThread { throw .calledFromHandler }
    let waiter = Waiter(nil)
    let id = try state.withLock { state throws(Failure) in
      if let reason = state.closed { throw .closed(reason) }
      state.lastID += 1
      state.waiters[state.lastID] = waiter
      return state.lastID
    }
    var writer = ByteWriter()
    writer.integer(id)
    body(&writer)
    connection.send(Frame(type: type, payload: writer.bytes))
    guard let result = waiter.wait(timeout, until: { $0 }) else {
      state.withLock { $0.waiters[id] = nil }
      throw .timedOut
    }
    return try result.get()
  }

  package func close() { connection.close() }

  /// Closes the connection and fails all waiting requests at once.
  package func abort() { connection.abort() }

  private func handle(_ event: ConnectionEvent) {
    switch event {
    case .frames(let frames):
      for frame in frames {
        if let id = frame.requestID, let waiter = state.withLock({ $0.waiters.removeValue(forKey: id) }) {
          waiter.change { $0 = .success(frame) }
        } else {
          onOther(frame)
        }
      }
    case .closed(let reason):
      let waiters = state.withLock { state in
        state.closed = reason
        defer { state.waiters = [:] }
        return state.waiters
      }
      for waiter in waiters.values { waiter.change { $0 = .failure(.closed(reason)) } }
    }
  }
}

extension Frame {
  /// The number at the start of the payload of a request or answer; nil if the payload is too short.
  package var requestID: UInt64? {
    guard payload.count >= 8 else { return nil }
    return UInt64(littleEndian: payload.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) })
  }
}
