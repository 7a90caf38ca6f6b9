import Basics
import CLinux
import Glibc
import Synchronization
import Wire

/// A connection over one non-blocking socket.
///
/// Whoever sends writes at once, on its own thread, as long as the socket takes bytes; what is left is written by the
/// reactor when the socket is ready again. Reading, handlers and the end of the connection belong to the reactor.
// Sendable: `output` is behind its lock; the fields below the mark are touched on the reactor's thread only.
final class TCPConnection: Connection, ReactorSource, @unchecked Sendable {
  /// What one system call may write: large enough to be worth it, small enough to hold the lock for.
  private static let writeLimit = 1 << 20
  private static let singleReadSize = 8 << 10

  enum Phase {
    case open
    /// close() was called: the outbox is flushed, then the output ended.
    case closing
    case outputEnded
    case closed
  }

  struct Output: Sendable {
    var outbox = Outbox()
    var tls: TLSStream?
    /// The peer was told that no more bytes come.
    var hasEnded = false
    var phase = Phase.open
    /// close() or abort() was called: no more frames for the handler.
    var isLocallyClosed = false
    /// The epoll events asked for.
    var interest: UInt32 = 0
    var source: UInt64 = 0
    var held = HeldBytes()
    /// Bytes that the socket has taken.
    var taken = 0
    var stallWatch = StallWatch()

    /// Bytes waiting here, plain and sealed.
    var pendingBytes: Int { outbox.bytes + (tls?.pendingBytes ?? 0) }

    /// Plain bytes can be sent, or sealed.
    var isEstablished: Bool { tls?.isEstablished ?? true }
  }

  let peer: String
  let socket: Socket
  let reactor: Reactor
  let counters: TransportCounters
  let limits: FlowLimits
  let output = Monitor(Output())

  // The reactor's thread only, from here on.
  var handler: ConnectionHandler?
  private var intake = Intake.batches
  var decoder = FrameDecoder()
  var isReading = false
  /// Bytes that came with the last frame before a pause.
  var unread: [UInt8] = []
  /// Closing: what still comes is thrown away, so that the peer's bytes cannot turn our last ones into a reset.
  var isDiscarding = false
  var hasSeenEnd = false
  var closeReason: CloseReason?
  var closeTimer: TimerQueue.ID?
  /// TLS shakes hands; what comes is for it.
  var isEstablishing = false
  /// Why TLS gave the connection up; told when the peer has been told.
  var failure: CloseReason?
  /// The first bytes of a connection without TLS, until a frame has come.
  var firstBytes: [UInt8]? = []

  /// Takes over the socket, also when it throws.
  /// - Parameter tls: Not established yet; shakes hands as soon as the peer is there.
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
    // Packed, and checksums computed, before the lock is taken.
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
      // Nothing is written any more, no end in order either: the reset is on its way.
      if output.phase != .closed { output.phase = .outputEnded }
    }
    reactor.execute { self.finish(.local, withReset: true) }
  }

  // MARK: Under the lock

  /// Writes what the socket takes, once, and asks to be called when it takes more.
  func write(_ output: inout Output) {
    guard output.phase == .open || output.phase == .closing else { return }
    switch writeOnce(&output) {
    case .bytes(let count):
      output.taken += count
      if count > 0 { counters.update { $0.bytesSent += count } }
    case .wouldBlock: break
    case .failed(let code):
      // What the peer sent before it went away is read first; nothing more can be sent.
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
      // The job that begins to discard is on its way; the event comes again after it.
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
    // Sealed bytes may have come before the first start, with the end of the handshake.
    if isReading { open() }
    watchInput()
  }

  /// Asks for input where somebody takes it.
  func watchInput() {
    guard closeReason == nil, !isEstablishing else { return }
    output.withLock { output in
      setInterest(&output, EPOLLIN.rawValue, isDiscarding || isReading && !output.held.isFull)
    }
  }

  /// - Returns: Whether bytes came, so that more may be there.
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

  /// The peer sends no more. TLS ends with a word of its own, without which somebody may have cut the rest off.
  func ended(inOrder: Bool) { finish(inOrder && decoder.isBetweenFrames ? .eof : .truncated) }

  /// Decodes and delivers; what a pause leaves is kept.
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
