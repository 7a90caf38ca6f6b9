import Wire

/// A stream of frames to one peer, in order, both ways. Two implementations, proven by one test suite.
///
/// A connection lives until it is closed: whoever has it must close it, dropping the reference is not enough.
/// Handlers run on the ``Reactor``'s thread, one at a time for the whole process: they hand work over and return, and
/// never block.
package protocol Connection: AnyObject, Sendable {
  /// The other side, for people: an address, or the name of a memory endpoint.
  var peer: String { get }

  /// Begins to read, or goes on after ``pause()`` with a new handler. Nothing is read or lost before.
  func start(_ intake: Intake, _ handler: @escaping ConnectionHandler)

  /// Called from within the handler: it gets no more calls, and what comes next waits for ``start(_:_:)``. With
  /// ``Intake/single(limit:)`` not even the frame after the one in hand is delivered.
  func pause()

  /// The handler handed over this many bytes to be dealt with elsewhere. While too many are held
  /// (``FlowLimits/unhandled``) nothing is read, and the peer is held back.
  func hold(_ bytes: Int)

  /// Bytes that were held are dealt with. Any thread.
  func release(_ bytes: Int)

  /// Queues frames, in this order and together, and returns at once. Any thread. Senders check sizes first
  /// (``FrameCodable/frame``, ``MessageLimits``): a frame over ``Frame/maximumPayload`` closes the connection, as the peer
  /// would.
  /// - Returns: false when the connection is closed or closing; the frames are dropped.
  @discardableResult
  func send(_ frames: [Frame]) -> Bool

  /// Bytes that only the two ends know, for the handshake to prove that there is nobody between them: from TLS; empty
  /// without it, and until a frame has come.
  var binding: [UInt8] { get }

  /// Bytes queued here and not yet taken by the network.
  var pendingBytes: Int { get }

  /// Bytes that have come from the peer, incomplete frames included. While it grows the peer is alive, however long its
  /// frames are.
  var receivedBytes: Int { get }

  /// Waits until fewer than `bytes` are queued. For bulk senders on their own threads.
  /// - Returns: false on timeout or when the connection is closed. Does not wait in a handler.
  func waitUntilWritable(below bytes: Int, timeout: Duration) -> Bool

  /// Sends what is queued, then closes; no frames are delivered from now on. After `limit` it is cut off.
  func close(within limit: Duration)

  /// Closes now: what is queued is dropped and the peer sees a reset.
  func abort()
}

extension Connection {
  package var binding: [UInt8] { [] }

  package func start(_ handler: @escaping ConnectionHandler) { start(.batches, handler) }

  @discardableResult
  package func send(_ frame: Frame) -> Bool { send([frame]) }

  package func close() { close(within: .seconds(5)) }
}

package typealias ConnectionHandler = @Sendable (ConnectionEvent) -> Void

package enum ConnectionEvent: Sendable {
  /// All frames that one arrival of bytes completed; never empty.
  case frames([Frame])
  /// The last event, exactly once.
  case closed(CloseReason)
}

/// How frames are taken in.
package struct Intake: Sendable {
  /// The longest payload, in bytes.
  let limit: Int
  let isSingle: Bool

  /// Many frames a call: the fast way.
  package static let batches = Intake(limit: Frame.maximumPayload, isSingle: false)

  /// One frame a call, so that ``Connection/pause()`` takes effect before the next one is looked at.
  package static func single(limit: Int) -> Intake { Intake(limit: limit, isSingle: true) }
}

/// Why a connection ended.
package enum CloseReason: Error, Hashable, Sendable, CustomStringConvertible {
  /// The peer closed in order, after a whole frame.
  case eof
  /// The peer closed in the middle of a frame.
  case truncated
  /// The peer, or the machine it ran on, cut the connection.
  case reset
  /// What came were no frames, or a frame over the limit was to be sent.
  case protocolError(FrameError)
  /// TLS found something wrong, or is missing on one side.
  case tls(TLSFailure)
  /// Closed or aborted on this side.
  case local
  /// ``Connection/close(within:)`` could not send everything in time, or keepalive found no peer.
  case timedOut
  /// The queue is full and the peer has taken nothing for ``FlowLimits/stallTimeout``.
  case stalled(waiting: Int)
  /// Any other failure of the system, an errno.
  case system(Int32)

  package var description: String {
    switch self {
    case .eof: "closed by the peer"
    case .truncated: "closed by the peer in the middle of a message"
    case .reset: "connection reset"
    case .protocolError(let error): "protocol error: \(error)"
    case .tls(let failure): failure.description
    case .local: "closed"
    case .timedOut: "no answer in time"
    case .stalled(let waiting): "the peer has stopped reading: \(waiting) bytes are waiting for it"
    case .system(let code): systemMessage(code)
    }
  }
}
