import Basics
import CLinux
import Glibc
import Synchronization
import Wire

/// A connection over one non-blocking socket.
///
/// A sender writes at once, on its own thread, as long as the socket takes bytes. The reactor writes the rest when the socket
/// is ready again. Reading, handlers and closing belong to the reactor.
// Sendable: `output` is behind its lock; the fields below the mark are touched on the reactor's thread only.
final class TCPConnection: Connection, ReactorSource, @unchecked Sendable {
  /// Bytes written per system call: enough to be efficient, few enough to hold the lock meanwhile.
  private static let writeLimit = 1 << 20
  private static let singleReadSize = 8 << 10

  enum Phase {
    case open
    /// close() was called: flush the outbox, then end the output.
    case closing
    case outputEnded
    case closed
  }

  struct Output: Sendable {
    var outbox = Outbox()
    var tls: TLSStream?
    /// Whether the peer was told that no more bytes follow.
    var hasEnded = false
    var phase = Phase.open
    /// close() or abort() was called: the handler gets no more frames.
    var isLocallyClosed = false
    /// The epoll events asked for.
    var interest: UInt32 = 0
    var source: UInt64 = 0
    var held = HeldBytes()
    /// Bytes that the socket has taken.
    var taken = 0
    var stallWatch = StallWatch()

    /// Bytes waiting here, both plain and encrypted.
    var pendingBytes: Int { outbox.bytes + (tls?.pendingBytes ?? 0) }

    /// Whether data can be sent: always without TLS, otherwise once TLS is established.
    var isEstablished: Bool { tls?.isEstablished ?? true }
  }

  let peer: String
  let socket: Socket
  let reactor: Reactor
  let counters: TransportCounters
  let limits: FlowLimits
  let output = Monitor(Output())

  // From here on: the reactor's thread only.
  var handler: ConnectionHandler?
  private var intake = Intake.batches
  var decoder = FrameDecoder()
  var isReading = false
  /// Bytes received together with the last frame before a pause.
  var unread: [UInt8] = []
  /// While closing, received bytes are discarded, so that unread data does not turn our last bytes into a reset.
  var isDiscarding = false
  var hasSeenEnd = false
  var closeReason: CloseReason?
  var closeTimer: TimerQueue.ID?
  /// The TLS handshake is in progress and gets all received bytes.
  var isEstablishing = false
  /// Why TLS failed; reported once the peer has been told.
  var failure: CloseReason?
  /// The first bytes received on a connection without TLS, until a frame has arrived.
  var firstBytes: [UInt8]? = []

  /// Takes ownership of the socket, even if it throws.
  /// - Parameter tls: Not yet established; its handshake starts as soon as the peer is connected.
  init(
    _ socket: Socket, peer: String, reactor: Reactor, counters: TransportCounters, limits: FlowLimits,
    tls: TLSStream? = nil
  ) throws(TransportError) {
    self.socket = socket
    self.peer = peer
    self.reactor = reactor
    self.counters = counters
    self.limits = limits
    socket.tune()
    do throws(TransportError) {
      let source = try reactor.add(self, descriptor: socket.descriptor, events: 0)
      output.withLock { $0.source = source }
    } catch {
      socket.close()
      throw error
    }
    counters.update { $0.connectionsOpened += 1 }
    if let tls {
      output.withLock { $0.tls = tls }
      reactor.execute { self.beginTLS() }
    }
  }

  // MARK: Any thread

  func start(_ intake: Intake, _ handler: @escaping ConnectionHandler) {
    reactor.execute { self.begin(intake, handler) }
  }

  @discardableResult
  func send(_ frames: [Frame]) -> Bool {
    for frame in frames where frame.payload.count > Frame.maximumPayload {
      reactor.execute {
        self.finish(
          .protocolError(.tooLong(frame.payload.count, limit: Frame.maximumPayload)), withReset: true)
      }
      return false
    }
    // Pack frames and compute checksums before taking the lock.
    let packed = PackedFrames(frames)
    var mustWatch = false
    let isOpen = output.withLock { output in
      guard output.phase == .open else { return false }
      output.outbox.append(packed)
      if output.interest & EPOLLOUT.rawValue == 0 { write(&output) }
      mustWatch = output.stallWatch.begin(pending: output.pendingBytes, taken: output.taken, limits)
      return true
    }
    if isOpen { counters.update { $0.framesSent += frames.count } }
    if mustWatch { scheduleStallCheck() }
    return isOpen
  }

  var usesTLS: Bool { output.withLock { $0.tls != nil } }

  var binding: [UInt8] { output.withLock { $0.tls?.binding ?? [] } }

  var pendingBytes: Int { output.withLock { $0.pendingBytes } }

  let received = Atomic(0)
  var receivedBytes: Int { received.load(ordering: .relaxed) }

  func hold(_ bytes: Int) {
    output.withLock { output in
      output.held.hold(bytes, limits)
      if output.held.isFull { setInterest(&output, EPOLLIN.rawValue, false) }
    }
  }

  func release(_ bytes: Int) {
    if output.withLock({ $0.held.release(bytes, limits) }) { reactor.execute { self.watchInput() } }
  }

  func waitUntilWritable(below bytes: Int, timeout: Duration) -> Bool {
    output.wait(reactor.isCurrentThread ? .zero : timeout) { output in
      if output.phase != .open { return false }
      return output.pendingBytes < bytes ? true : nil
    } ?? false
  }

  func close(within limit: Duration) {
    output.change { output in
      output.isLocallyClosed = true
      guard output.phase == .open else { return }
      output.phase = .closing
      endOutputIfFlushed(&output)
    }
    reactor.execute { self.beginClosing(limit) }
  }

  func abort() {
    output.change { output in
      output.isLocallyClosed = true
      output.outbox.removeAll()
      output.tls?.dropSealed()
      // Nothing more is written, not even a clean end: the reset is on its way.
      if output.phase != .closed { output.phase = .outputEnded }
    }
    reactor.execute { self.finish(.local, withReset: true) }
  }

  // MARK: Under the lock

  /// Writes what the socket takes, once, and asks for an event when it can take more.
  func write(_ output: inout Output) {
    guard output.phase == .open || output.phase == .closing else { return }
    switch writeOnce(&output) {
    case .bytes(let count):
      output.taken += count
      if count > 0 { counters.update { $0.bytesSent += count } }
    case .wouldBlock: break
    case .failed(let code):
      // Whatever the peer sent before it disconnected is read first; nothing more can be sent.
      output.outbox.removeAll()
      output.tls?.dropSealed()
      output.phase = .closing
      output.hasEnded = true
      reactor.execute { self.outputFailed(code) }
    }
    // Before TLS is established, plain bytes wait for the peer's bytes and not for the socket.
    let isWaiting = output.isEstablished ? output.pendingBytes > 0 : output.tls?.pendingBytes ?? 0 > 0
    setInterest(&output, EPOLLOUT.rawValue, isWaiting)
    if output.phase == .closing { endOutputIfFlushed(&output) }
  }

  private func writeOnce(_ output: inout Output) -> Socket.Outcome {
    guard let tls = output.tls else {
      if output.outbox.isEmpty { return .bytes(0) }
      return output.outbox.withVectors(limit: TCPConnection.writeLimit, socket.send).consumed(&output.outbox)
    }
    var total = 0
    while total < TCPConnection.writeLimit {
      if let failure = tls.seal(&output.outbox) {
        reactor.execute { self.failTLS(failure) }
        output.outbox.removeAll()
      }
      switch tls.send(limit: TCPConnection.writeLimit - total, socket.send) {
      case .bytes(0), .wouldBlock: return .bytes(total)
      case .bytes(let count): total += count
      case .failed(let code): return .failed(code)
      }
    }
    return .bytes(total)
  }

  private func endOutputIfFlushed(_ output: inout Output) {
    guard output.phase == .closing, output.isEstablished || output.hasEnded, output.pendingBytes == 0 else {
      return
    }
    if let tls = output.tls, !output.hasEnded {
      output.hasEnded = true
      tls.end()
      return write(&output)
    }
    output.phase = .outputEnded
    socket.endOutput()
  }

  func setInterest(_ output: inout Output, _ events: UInt32, _ wanted: Bool) {
    let interest = wanted ? output.interest | events : output.interest & ~events
    guard interest != output.interest, output.phase != .closed else { return }
    output.interest = interest
    reactor.modify(output.source, descriptor: socket.descriptor, events: interest)
  }

}

// MARK: - The reactor's thread

extension TCPConnection {
  func ready(_ events: UInt32) {
    guard closeReason == nil else { return }
    if events & EPOLLOUT.rawValue != 0 { output.change { write(&$0) } }
    let isBroken = events & (EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0
    let isReadable = isBroken || events & EPOLLIN.rawValue != 0
    if isEstablishing {
      if isReadable { establish() }
    } else if isDiscarding {
      if hasSeenEnd ? pendingBytes == 0 : isReadable { discard() }
    } else if output.withLock({ $0.isLocallyClosed }) {
      // The job that starts discarding is already queued; the event fires again after it.
    } else if isReading {
      if isReadable { read() }
    } else if isBroken {
      finish(.reset)
    }
  }

  func pause() {
    isReading = false
    handler = nil
    output.withLock { setInterest(&$0, EPOLLIN.rawValue, false) }
  }

  private func begin(_ intake: Intake, _ handler: @escaping ConnectionHandler) {
    if let closeReason { return handler(.closed(closeReason)) }
    self.handler = handler
    self.intake = intake
    decoder.limit = intake.limit
    guard !isDiscarding else { return }
    isReading = true
    guard !isEstablishing else { return }
    let bytes = unread
    unread = []
    bytes.withUnsafeBytes { take($0) }
    // Encrypted bytes may have arrived before the first start, with the end of the handshake.
    if isReading { open() }
    watchInput()
  }

  /// Asks for read events if received bytes can be handled.
  func watchInput() {
    guard closeReason == nil, !isEstablishing else { return }
    output.withLock { output in
      setInterest(&output, EPOLLIN.rawValue, isDiscarding || isReading && !output.held.isFull)
    }
  }

  /// - Returns: Whether bytes were read, so more may be available.
  @discardableResult
  func read() -> Bool {
    let size = intake.isSingle ? TCPConnection.singleReadSize : Reactor.scratchSize
    let buffer = UnsafeMutableRawBufferPointer(rebasing: reactor.scratch[..<size])
    switch socket.receive(into: buffer) {
    case .bytes(0): ended(inOrder: !usesTLS)
    case .bytes(let count):
      received.add(count, ordering: .relaxed)
      counters.update { $0.bytesReceived += count }
      let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
      if usesTLS {
        output.withLock { $0.tls?.feed(bytes) }
        open()
      } else {
        firstBytes?.append(contentsOf: bytes.prefix(8))
        take(bytes)
      }
      return true
    case .wouldBlock: break
    case .failed(let code): finish(TCPConnection.reason(code))
    }
    return false
  }

  /// Handles the end of the peer's input. TLS ends with an explicit message; without it, the data may have been truncated.
  func ended(inOrder: Bool) { finish(inOrder && decoder.isBetweenFrames ? .eof : .truncated) }

  /// Decodes and delivers bytes, keeping what a pause leaves over.
  func take(_ bytes: UnsafeRawBufferPointer) {
    var rest = bytes
    while isReading, !rest.isEmpty, !output.withLock({ $0.isLocallyClosed }) {
      var frames: [Frame] = []
      var failure: FrameError?
      do throws(FrameError) {
        let taken = try decoder.decode(rest, into: &frames, atMost: intake.isSingle ? 1 : .max)
        rest = UnsafeRawBufferPointer(rebasing: rest[taken...])
      } catch { failure = error }
      if !frames.isEmpty {
        let count = frames.count
        counters.update { $0.framesReceived += count }
        firstBytes = nil
        handler?(.frames(frames))
      }
      if let failure {
        counters.update { $0.protocolErrors += 1 }
        return finish(.protocolError(failure), withReset: true)
      }
    }
    unread = Array(rest)
  }
}
