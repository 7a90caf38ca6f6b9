import Wire

/// An ordered, two-way stream of frames with one peer. There are two implementations, both checked by the same test suite.
///
/// A connection lives until it is closed: its owner must close it, dropping the reference is not enough. Handlers run on the
/// ``Reactor``'s thread, one at a time for the whole process, so they must pass work on, return quickly, and never block.
package protocol Connection: AnyObject, Sendable {
  /// The other side, for people: an address or the name of a memory endpoint.
  var peer: String { get }

  /// Starts reading, or resumes after ``pause()`` with a new handler. Nothing is read or lost before that.
  func start(_ intake: Intake, _ handler: @escaping ConnectionHandler)

  /// Pauses delivery; call it only from within the handler. The handler gets no more calls, and later frames wait for
  /// ``start(_:_:)``. With ``Intake/single(limit:)`` not even the frame after the current one is delivered.
  func pause()

  /// Records bytes that the handler passed on for processing elsewhere. While too many are held (``FlowLimits/unhandled``),
  /// nothing is read, which puts back-pressure on the peer.
  func hold(_ bytes: Int)

  /// Records that held bytes have been processed. Any thread.
  func release(_ bytes: Int)

  /// Queues frames as one unit, in this order, and returns at once. Any thread. Senders check sizes first
  /// (``FrameCodable/frame``, ``MessageLimits``): a frame over ``Frame/maximumPayload`` closes the connection, as the peer
  /// would.
  /// - Returns: False if the connection is closed or closing; the frames are dropped.
  @discardableResult
  func send(_ frames: [Frame]) -> Bool

  /// TLS channel binding: bytes that only the two ends know, which let the handshake prove that there is no one in between.
  /// Empty without TLS, and until the first frame has arrived.
  var binding: [UInt8] { get }

  /// Bytes queued here that the network has not taken yet.
  var pendingBytes: Int { get }

  /// Bytes received from the peer, including incomplete frames. While this grows the peer is alive, however long its frames
  /// are.
  var receivedBytes: Int { get }

  /// Waits until fewer than `bytes` bytes are queued. For bulk senders on their own threads.
  /// - Returns: False on timeout or if the connection is closed. Does not wait when called from a handler.
  func waitUntilWritable(below bytes: Int, timeout: Duration) -> Bool

  /// Sends what is queued, then closes. No more frames are delivered. The connection is cut off after `limit`.
  func close(within limit: Duration)

  /// Closes at once: queued frames are dropped and the peer sees a reset.
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
  /// All frames completed by one read; never empty.
  case frames([Frame])
  /// Always the last event, delivered exactly once.
  case closed(CloseReason)
}

/// How received frames are delivered.
package struct Intake: Sendable {
  /// The longest payload, in bytes.
  let limit: Int
  let isSingle: Bool

  /// Delivers many frames per call, for speed.
  package static let batches = Intake(limit: Frame.maximumPayload, isSingle: false)

  /// Delivers one frame per call, so that ``Connection/pause()`` takes effect before the next frame is examined.
  package static func single(limit: Int) -> Intake { Intake(limit: limit, isSingle: true) }
}

/// Why a connection ended.
package enum CloseReason: Error, Hashable, Sendable, CustomStringConvertible {
  /// The peer closed cleanly, after a whole frame.
  case eof
  /// The peer closed in the middle of a frame.
  case truncated
  /// The peer or its machine reset the connection.
  case reset
  /// The received bytes were not valid frames, or a frame to send exceeded the limit.
  case protocolError(FrameError)
  /// TLS failed, or only one side uses it.
  case tls(TLSFailure)
  /// Closed or aborted on this side.
  case local
  /// ``Connection/close(within:)`` could not send everything in time, or keepalive got no reply from the peer.
  case timedOut
  /// The queue is full and the peer has taken nothing for ``FlowLimits/stallTimeout``.
  case stalled(waiting: Int)
  /// Any other system error, as an errno.
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
