import CLinux
import Glibc

// The TLS part of a connection. Everything here runs on the reactor's thread.
extension TCPConnection {
  /// How long a TLS handshake may take. A session handshake has its own limit, which includes this time.
  static let tlsLimit = Duration.seconds(10)
  /// How long a peer has to read why TLS failed.
  private static let farewell = Duration.seconds(1)
  /// Limit on TLS's own replies, in bytes, queued for a peer that triggers them but does not read.
  private static let mostAnswers = 1 << 20

  func beginTLS() {
    guard closeReason == nil else { return }
    isEstablishing = true
    output.withLock { setInterest(&$0, EPOLLIN.rawValue, true) }
    // The timer keeps the connection only for the duration of the handshake.
    _ = reactor.schedule(after: TCPConnection.tlsLimit) { [weak self] in
      if let self, self.isEstablishing { self.failTLS(.timedOut) }
    }
    shakeHands()
  }

  /// Reads bytes for the handshake.
  func establish() {
    switch socket.receive(into: reactor.scratch) {
    case .bytes(0): finish(.tls(.endedEarly))
    case .bytes(let count):
      received.add(count, ordering: .relaxed)
      counters.update { $0.bytesReceived += count }
      let bytes = UnsafeRawBufferPointer(rebasing: reactor.scratch[..<count])
      output.withLock { $0.tls?.feed(bytes) }
      shakeHands()
    case .wouldBlock: break
    case .failed(let code):
      let reason = TCPConnection.reason(code)
      finish(reason == .reset ? .tls(.endedEarly) : reason)
    }
  }

  private func shakeHands() {
    let (failure, isEstablished) = output.change { output -> (TLSFailure?, Bool) in
      let failure = output.tls?.handshake()
      write(&output)
      return (failure, output.isEstablished)
    }
    if let failure { return failTLS(failure) }
    guard isEstablished else { return }
    isEstablishing = false
    if isReading, !isDiscarding { open() }
    // The handler is not set yet, or has paused: nothing is read until it starts.
    watchInput()
  }

  /// Decrypts received bytes and delivers them.
  func open() {
    guard usesTLS else { return }
    while isReading, closeReason == nil, !output.withLock({ $0.isLocallyClosed }) {
      let (opened, answers) = output.change { output -> (TLSStream.Opened, Int) in
        guard let tls = output.tls else { return (.needsMore, 0) }
        let opened = tls.open(into: reactor.plain)
        // TLS may have something to send in reply, such as new keys.
        let answers = tls.pendingBytes
        if answers > 0, output.interest & EPOLLOUT.rawValue == 0 { write(&output) }
        return (opened, answers)
      }
      guard answers <= TCPConnection.mostAnswers else { return failTLS(.broken("too many requests of TLS")) }
      switch opened {
      case .bytes(let count): take(UnsafeRawBufferPointer(rebasing: reactor.plain[..<count]))
      case .needsMore: return
      case .ended: return ended(inOrder: true)
      case .failed(let failure): return failTLS(failure)
      }
    }
  }

  /// Fails the connection: sends the peer an alert and gives it time to read it.
  func failTLS(_ error: TLSFailure) {
    guard closeReason == nil, failure == nil else { return }
    failure = .tls(error)
    isEstablishing = false
    isReading = false
    isDiscarding = true
    counters.update { $0.protocolErrors += 1 }
    output.change { output in
      output.outbox.removeAll()
      output.hasEnded = true
      if output.phase == .open { output.phase = .closing }
      write(&output)
      setInterest(&output, EPOLLIN.rawValue, true)
    }
    if closeTimer == nil {
      closeTimer = reactor.schedule(after: TCPConnection.farewell) { self.finish(.local) }
    }
  }
}
