import CLinux
import Glibc
import Wire

// How a connection ends. Everything here runs on the reactor's thread.
extension TCPConnection {
  func beginClosing(_ limit: Duration) {
    guard closeReason == nil, !isDiscarding else { return }
    isDiscarding = true
    unread = []
    output.withLock { setInterest(&$0, EPOLLIN.rawValue, true) }
    closeTimer = reactor.schedule(after: limit) {
      let isFlushed = self.output.withLock { $0.phase == .outputEnded }
      // Bytes that the system took can still reach a slow peer; a reset would destroy them.
      self.finish(isFlushed ? .local : .timedOut, withReset: !isFlushed)
    }
  }

  /// Reads and discards bytes until the peer ends too.
  func discard() {
    for _ in 0..<16 where !hasSeenEnd {
      switch socket.receive(into: reactor.scratch) {
      case .bytes(0):
        hasSeenEnd = true
        output.withLock { setInterest(&$0, EPOLLIN.rawValue, false) }
      case .bytes: break
      case .wouldBlock: return
      case .failed(let code): return finish(pendingBytes == 0 ? .local : TCPConnection.reason(code))
      }
    }
    if hasSeenEnd, pendingBytes == 0 { finish(.local) }
  }

  /// Checks periodically whether the peer takes anything from a full queue. Any thread.
  func scheduleStallCheck() {
    _ = reactor.schedule(after: StallWatch.interval(limits)) { [weak self] in self?.checkForStall() }
  }

  private func checkForStall() {
    let (verdict, pending) = output.withLock { output -> (StallWatch.Verdict, Int) in
      guard output.phase == .open else { return (.drained, 0) }
      let pending = output.pendingBytes
      return (output.stallWatch.check(pending: pending, taken: output.taken, limits), pending)
    }
    switch verdict {
    case .watching: scheduleStallCheck()
    case .drained: break
    case .stalled: finish(.stalled(waiting: pending), withReset: true)
    }
  }

  func outputFailed(_ code: Int32) {
    // Everything the peer has sent is in the socket by now: 1,000 reads are 256 MB.
    for _ in 0..<1000 where isReading && !isDiscarding {
      guard read() else { break }
    }
    finish(isDiscarding && pendingBytes == 0 ? .local : TCPConnection.reason(code))
  }

  func finish(_ end: CloseReason, withReset: Bool = false) {
    guard closeReason == nil else { return }
    let reason = failure ?? (isTLS(firstBytes) && end != .local ? .tls(.peerUsesTLS) : end)
    closeReason = reason
    isEstablishing = false
    isReading = false
    output.change { output in
      output.phase = .closed
      output.outbox.removeAll()
      output.tls?.dropSealed()
      reactor.remove(output.source, descriptor: socket.descriptor)
      if withReset { socket.closeWithReset() } else { socket.close() }
    }
    counters.update { $0.connectionsClosed += 1 }
    if let closeTimer { reactor.cancel(closeTimer) }
    closeTimer = nil
    unread = []
    decoder = FrameDecoder()
    let last = handler
    handler = nil
    last?(.closed(reason))
  }

  /// Whether bytes that are not a frame look like the start of TLS: an alert or a handshake, version 3.x.
  private func isTLS(_ bytes: [UInt8]?) -> Bool {
    guard let bytes, bytes.count >= 3, !usesTLS else { return false }
    return (bytes[0] == 21 || bytes[0] == 22) && bytes[1] == 3 && bytes[2] <= 4
  }

  static func reason(_ code: Int32) -> CloseReason {
    switch code {
    case ECONNRESET, EPIPE: .reset
    case ETIMEDOUT: .timedOut
    default: .system(code)
    }
  }
}
