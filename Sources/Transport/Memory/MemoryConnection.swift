import Basics
import Wire

/// The state shared by the two ends of an in-process connection, under one lock.
private struct Pipe: Sendable {
  struct Side: Sendable {
    /// Frames sent by the other side and not yet delivered here.
    var frames: [Frame] = []
    var bytes = 0
    /// How this side sees the other side's end; reported after the frames.
    var end: CloseReason?
    /// close() or abort() was called on this side: nothing more is sent or delivered.
    var isLocallyClosed = false
    /// The last event was delivered.
    var isFinished = false
    var isDeliveryDue = false
    /// Bytes delivered here and not yet processed.
    var held = HeldBytes()
    /// Bytes delivered here so far.
    var received = 0
    /// Watches the bytes sent from here.
    var stallWatch = StallWatch()
    /// The connection object, kept alive until it is finished.
    var connection: MemoryConnection?

    /// Whether frames sent from here can still be delivered.
    var isOpen: Bool { end == nil && !isLocallyClosed && !isFinished }

    mutating func dropFrames() {
      frames = []
      bytes = 0
    }
  }

  var sides = (Side(), Side())

  subscript(_ index: Int) -> Side {
    get { index == 0 ? sides.0 : sides.1 }
    _modify { if index == 0 { yield &sides.0 } else { yield &sides.1 } }
  }
}

/// One end of an in-process connection. Frames sent by one end are delivered to the other end's handler on the reactor's
/// thread, never within `send`.
// Sendable: `pipe` is behind its lock; the fields below the mark are accessed on the reactor's thread only.
final class MemoryConnection: Connection, @unchecked Sendable {
  let peer: String
  private let pipe: Monitor<Pipe>
  private let here: Int
  private var there: Int { 1 - here }
  private let reactor: Reactor
  private let counters: TransportCounters
  private let limits: FlowLimits

  // From here on: the reactor's thread only.
  private var handler: ConnectionHandler?
  private var intake = Intake.batches
  private var isReading = false
  private var closeReason: CloseReason?
  private var closeTimer: TimerQueue.ID?

  private init(
    peer: String, pipe: Monitor<Pipe>, here: Int, reactor: Reactor, counters: TransportCounters,
    limits: FlowLimits
  ) {
    self.peer = peer
    self.pipe = pipe
    self.here = here
    self.reactor = reactor
    self.counters = counters
    self.limits = limits
  }

  static func pair(
    near: String, far: String, reactor: Reactor, counters: TransportCounters, limits: FlowLimits
  ) -> (near: MemoryConnection, far: MemoryConnection) {
    let pipe = Monitor(Pipe())
    let first = MemoryConnection(
      peer: far, pipe: pipe, here: 0, reactor: reactor, counters: counters, limits: limits)
    let second = MemoryConnection(
      peer: near, pipe: pipe, here: 1, reactor: reactor, counters: counters, limits: limits)
    pipe.withLock { pipe in
      pipe[0].connection = first
      pipe[1].connection = second
    }
    counters.update { $0.connectionsOpened += 2 }
    return (first, second)
  }

  // MARK: Any thread

  func start(_ intake: Intake, _ handler: @escaping ConnectionHandler) {
    reactor.execute { self.begin(intake, handler) }
  }

  @discardableResult
  func send(_ frames: [Frame]) -> Bool {
    for frame in frames where frame.payload.count > Frame.maximumPayload {
      let error = FrameError.tooLong(frame.payload.count, limit: Frame.maximumPayload)
      reactor.execute { self.finish(.protocolError(error)) }
      return false
    }
    let bytes = frames.encodedSize
    var mustWatch = false
    let (isOpen, receiver) = pipe.withLock { pipe -> (Bool, MemoryConnection?) in
      guard pipe[here].isOpen else { return (false, nil) }
      pipe[there].frames.append(contentsOf: frames)
      pipe[there].bytes += bytes
      mustWatch = pipe[here].stallWatch.begin(
        pending: pipe[there].bytes, taken: pipe[there].received, limits)
      defer { pipe[there].isDeliveryDue = true }
      return (true, pipe[there].isDeliveryDue ? nil : pipe[there].connection)
    }
    if mustWatch { scheduleStallCheck() }
    if let receiver { reactor.execute { receiver.deliver() } }
    if isOpen {
      counters.update {
        $0.framesSent += frames.count
        $0.bytesSent += bytes
      }
    }
    return isOpen
  }

  var pendingBytes: Int { pipe.withLock { $0[there].bytes } }

  var receivedBytes: Int { pipe.withLock { $0[here].received } }

  private func scheduleStallCheck() {
    _ = reactor.schedule(after: StallWatch.interval(limits)) { [weak self] in self?.checkForStall() }
  }

  func hold(_ bytes: Int) { pipe.withLock { $0[here].held.hold(bytes, limits) } }

  func release(_ bytes: Int) {
    if pipe.withLock({ $0[here].held.release(bytes, limits) }) { reactor.execute { self.deliver() } }
  }

  func waitUntilWritable(below bytes: Int, timeout: Duration) -> Bool {
    pipe.wait(reactor.isCurrentThread ? .zero : timeout) { pipe in
      guard pipe[here].isOpen else { return false }
      return pipe[there].bytes < bytes ? true : nil
    } ?? false
  }

  func close(within limit: Duration) {
    pipe.change { pipe in
      guard !pipe[here].isLocallyClosed else { return }
      pipe[here].isLocallyClosed = true
      pipe[here].dropFrames()
      if pipe[there].end == nil { pipe[there].end = .eof }
    }
    reactor.execute { self.beginClosing(limit) }
  }

  func abort() {
    pipe.change { pipe in
      pipe[here].isLocallyClosed = true
      pipe[there].dropFrames()
      pipe[there].end = .reset
    }
    reactor.execute { self.finish(.local) }
  }

  // MARK: The reactor's thread

  func pause() {
    isReading = false
    handler = nil
  }

  private func begin(_ intake: Intake, _ handler: @escaping ConnectionHandler) {
    if let closeReason { return handler(.closed(closeReason)) }
    self.handler = handler
    self.intake = intake
    isReading = true
    deliver()
  }

  private func deliver() {
    pipe.withLock { $0[here].isDeliveryDue = false }
    while isReading {
      let (frames, end) = takeFrames()
      if let long = frames.first(where: { $0.payload.count > intake.limit }) {
        counters.update { $0.protocolErrors += 1 }
        return finish(.protocolError(.tooLong(long.payload.count, limit: intake.limit)))
      }
      if !frames.isEmpty {
        counters.update {
          $0.framesReceived += frames.count
          $0.bytesReceived += frames.encodedSize
        }
        handler?(.frames(frames))
      } else if let end {
        return finish(end)
      } else {
        return
      }
    }
  }

  private func takeFrames() -> ([Frame], CloseReason?) {
    pipe.change { pipe in
      guard !pipe[here].isLocallyClosed, !pipe[here].held.isFull else { return ([], nil) }
      if !intake.isSingle, pipe[here].bytes <= limits.unhandled {
        let frames = pipe[here].frames
        pipe[here].received += pipe[here].bytes
        pipe[here].dropFrames()
        return (frames, pipe[here].end)
      }
      var (count, bytes) = (0, 0)
      for frame in pipe[here].frames where count == 0 || !intake.isSingle && bytes < limits.unhandled {
        count += 1
        bytes += frame.encodedSize
      }
      let frames = Array(pipe[here].frames.prefix(count))
      pipe[here].frames.removeFirst(count)
      pipe[here].bytes -= bytes
      pipe[here].received += bytes
      return (frames, frames.isEmpty ? pipe[here].end : nil)
    }
  }

  private func checkForStall() {
    let (verdict, pending) = pipe.withLock { pipe -> (StallWatch.Verdict, Int) in
      guard pipe[here].isOpen else { return (.drained, 0) }
      let pending = pipe[there].bytes
      return (
        pipe[here].stallWatch.check(pending: pending, taken: pipe[there].received, limits), pending
      )
    }
    switch verdict {
    case .watching: scheduleStallCheck()
    case .drained: break
    case .stalled: finish(.stalled(waiting: pending))
    }
  }

  private func beginClosing(_ limit: Duration) {
    guard closeReason == nil, closeTimer == nil else { return }
    if pipe.withLock({ $0[there].isLocallyClosed || $0[there].isFinished }) { return finish(.local) }
    closeTimer = reactor.schedule(after: limit) {
      let isFlushed = self.pipe.withLock { $0[self.there].bytes == 0 }
      self.finish(isFlushed ? .local : .timedOut)
    }
    pipe.withLock { $0[there].connection }?.deliver()
  }

  private func finish(_ reason: CloseReason) {
    guard closeReason == nil else { return }
    closeReason = reason
    isReading = false
    let (other, isOtherClosing) = pipe.change { pipe in
      pipe[here].connection = nil
      pipe[here].isFinished = true
      pipe[here].dropFrames()
      let isGivenUp = if case .stalled = reason { true } else { reason == .timedOut }
      if isGivenUp { pipe[there].dropFrames() }
      if pipe[there].end == nil || isGivenUp { pipe[there].end = .reset }
      return (pipe[there].connection, pipe[there].isLocallyClosed)
    }
    counters.update { $0.connectionsClosed += 1 }
    if let closeTimer { reactor.cancel(closeTimer) }
    closeTimer = nil
    let last = handler
    handler = nil
    last?(.closed(reason))
    if let other { reactor.execute { isOtherClosing ? other.finish(.local) : other.deliver() } }
  }
}
