import Basics
import Testing
import Transport
import Wire

/// Handshakes over real connections, of both transports.
@Suite struct SessionTests {
  private func identity(_ role: Role, _ secret: String?, limit: Duration = patience) throws -> Identity {
    Identity(
      role: role, name: "\(role)", secret: try secret.map { try Secret(Array($0.utf8), from: "test") },
      limit: limit)
  }

  @Test(arguments: Kind.allCases, [nil, "shared"]) func peersMeet(kind: Kind, secret: String?) throws {
    let transport = try kind.make()
    let far = Recorder()
    let peers = Monitor<[Hello]>([])
    // Far longer than a handshake's messages may be, and sent at once.
    let large = numbered(1, size: 100_000)
    let listener = try transport.listenForSessions(
      on: kind.anyEndpoint, as: try identity(.driver, secret), expecting: [.worker, .client]
    ) { session in
      session.connection.send([large, numbered(2)])
      session.connection.start(far.handler)
      peers.change { $0.append(session.peer) }
    }
    for role in [Role.worker, .client] {
      let session = try transport.openSession(
        to: listener.endpoint, as: try identity(role, secret), expecting: [.driver], timeout: patience)
      #expect(session.peer.role == .driver && session.peer.name == "driver")
      #expect(session.peer.hasSecret == (secret != nil))
      let near = Recorder()
      session.connection.send([numbered(3, size: 100_000)])
      session.connection.start(near.handler)
      #expect(near.frames(2) == [large, numbered(2)])
      session.connection.close()
    }
    #expect(peers.wait(patience) { $0.count == 2 ? $0.map(\.role) : nil } == [.worker, .client])
    #expect(far.frames(2)?.count == 2)
    #expect(transport.counters.current.handshakesRefused == 0)
    listener.close()
  }

  /// Every byte that a worker said, said again: to the same listener, and to another with the same secret.
  @Test func aRecordedHandshakeIsWorthNothing() throws {
    let transport = TCPTransport()
    let refused = Monitor<[HandshakeError]>([])
    let accepted = Monitor(0)
    let listeners = try (0..<2).map { _ in
      try transport.listenForSessions(
        on: .tcp(host: "127.0.0.1", port: 0), as: try identity(.driver, "shared"), expecting: [.worker],
        refused: { _, error in refused.change { $0.append(error) } }
      ) { session in
        accepted.change { $0 += 1 }
        session.connection.start { _ in }
      }
    }
    let ports = listeners.compactMap { if case .tcp(_, let port) = $0.endpoint { port } else { nil } }
    let relay = try Relay(to: ports[0], .cut)
    let session = try transport.openSession(
      to: .tcp(host: "127.0.0.1", port: relay.port), as: try identity(.worker, "shared"),
      expecting: [.driver],
      timeout: patience)
    let recorded = relay.recorded.withLock { $0 }
    for port in ports {
      let thief = try RawPeer(port: port)
      thief.send(recorded)
      // The greeting and a refusal, no proof.
      let answer = thief.readToEnd()
      #expect(!answer.isEmpty)
    }
    #expect(
      refused.wait(patience) { $0.count == 2 ? $0 : nil } == [.wrongSecret(.worker), .wrongSecret(.worker)])
    #expect(accepted.withLock { $0 } == 1)
    session.connection.abort()
    relay.close()
    for listener in listeners { listener.close() }
  }

  @Test func noTwoGreetingsAreAlike() throws {
    let transport = TCPTransport()
    let listener = try transport.listenForSessions(
      on: .tcp(host: "127.0.0.1", port: 0), as: try identity(.driver, "shared"), expecting: [.worker]
    ) { $0.connection.start { _ in } }
    guard case .tcp(_, let port) = listener.endpoint else { throw Missing("a port") }
    var said: Set<[UInt8]> = []
    for _ in 0..<20 {
      let relay = try Relay(to: port, .cut)
      let session = try transport.openSession(
        to: .tcp(host: "127.0.0.1", port: relay.port), as: try identity(.worker, "shared"),
        expecting: [.driver], timeout: patience)
      said.insert(relay.recorded.withLock { $0 })
      session.connection.abort()
      relay.close()
    }
    #expect(said.count == 20)
    listener.close()
  }

  @Test(arguments: Kind.allCases) func peersThatDoNotFitAreToldWhy(kind: Kind) throws {
    let cases: [(here: String?, there: String?, near: HandshakeError, far: HandshakeError)] = [
      (nil, "a", .secretRequired(by: .driver), .secretMissing(at: .worker)),
      ("a", nil, .secretMissing(at: .driver), .secretRequired(by: .worker)),
      ("a", "b", .refused(.wrongSecret), .wrongSecret(.worker)),
    ]
    for (here, there, near, far) in cases {
      let transport = try kind.make()
      let refused = Monitor<[HandshakeError]>([])
      let listener = try transport.listenForSessions(
        on: kind.anyEndpoint, as: try identity(.driver, there), expecting: [.worker],
        refused: { _, error in refused.change { $0.append(error) } }
      ) { _ in Issue.record("accepted") }
      #expect(throws: TransportError.handshake(listener.endpoint, near)) {
        try transport.openSession(
          to: listener.endpoint, as: try identity(.worker, here), expecting: [.driver], timeout: patience)
      }
      #expect(refused.wait(patience) { $0.first } == far)
      #expect(transport.counters.current.handshakesRefused == 1)
      listener.close()
    }
  }

  @Test(arguments: Kind.allCases) func silenceEnds(kind: Kind) throws {
    let transport = try kind.make()
    let refused = Monitor<[HandshakeError]>([])
    let listener = try transport.listenForSessions(
      on: kind.anyEndpoint, as: try identity(.driver, "a", limit: .milliseconds(30)), expecting: [.worker],
      refused: { _, error in refused.change { $0.append(error) } }
    ) { _ in Issue.record("accepted") }
    let silent = Recorder()
    let connection = try transport.connect(to: listener.endpoint, timeout: patience)
    connection.start(silent.handler)
    #expect(refused.wait(patience) { $0.first } == .timedOut)
    #expect(silent.closeReason() == .reset)
    #expect(silent.log.withLock { $0.count } == 0)
    listener.close()

    let mute = try transport.listen(on: kind.anyEndpoint) { _ in }
    #expect(throws: TransportError.handshake(mute.endpoint, .timedOut)) {
      try transport.openSession(
        to: mute.endpoint, as: try identity(.worker, "a", limit: .milliseconds(30)), expecting: [.driver],
        timeout: patience)
    }
    mute.close()
  }

  @Test(arguments: Kind.allCases) func oneThatHangsUpEnds(kind: Kind) throws {
    let transport = try kind.make()
    let listener = try transport.listen(on: kind.anyEndpoint) { $0.close() }
    #expect(throws: TransportError.handshake(listener.endpoint, .closed(.eof))) {
      try transport.openSession(
        to: listener.endpoint, as: try identity(.worker, nil), expecting: [.driver], timeout: patience)
    }
    listener.close()
  }

  /// Peers that begin a handshake and never end it hold a bounded number of connections, and release them.
  @Test(arguments: Kind.allCases) func placesForHandshakesAreBounded(kind: Kind) throws {
    let transport = try kind.make()
    let accepted = Monitor(0)
    let listener = try transport.listenForSessions(
      on: kind.anyEndpoint, as: try identity(.driver, nil), expecting: [.worker], pending: 4
    ) { session in
      session.connection.close()
      accepted.change { $0 += 1 }
    }
    let silent = Monitor(0)
    let connections = (0..<40).compactMap { _ -> (any Connection)? in
      guard let connection = try? transport.connect(to: listener.endpoint, timeout: patience) else {
        // Turned away before the system had told us that we are connected.
        silent.change { $0 += 1 }
        return nil
      }
      connection.start { event in if case .closed = event { silent.change { $0 += 1 } } }
      return connection
    }
    // All but four are turned away, and only then the four hang up.
    #expect(silent.wait(patience) { $0 == 36 ? true : nil } == true)
    #expect(transport.counters.current.handshakesRefused == 36)
    for connection in connections { connection.abort() }
    #expect(silent.wait(patience) { $0 == 40 ? true : nil } == true)
    // Until the listener's side has noticed, it may still be full.
    var isWelcome = false
    for _ in 0..<10_000 where !isWelcome {
      isWelcome =
        (try? transport.openSession(
          to: listener.endpoint, as: try identity(.worker, nil), expecting: [.driver], timeout: patience))
        != nil
    }
    #expect(isWelcome)
    #expect(accepted.wait(patience) { $0 == 1 ? true : nil } == true)
    listener.close()
  }

  @Test(arguments: Kind.allCases) func aLongMessageInsteadOfAGreetingIsNotRead(kind: Kind) throws {
    let transport = try kind.make()
    let refused = Monitor<[HandshakeError]>([])
    let listener = try transport.listenForSessions(
      on: kind.anyEndpoint, as: try identity(.driver, nil), expecting: [.worker],
      refused: { _, error in refused.change { $0.append(error) } }
    ) { _ in Issue.record("accepted") }
    let connection = try transport.connect(to: listener.endpoint, timeout: patience)
    connection.send(Frame(type: Handshake.Message.hello, payload: [UInt8](repeating: 0, count: 64 << 20)))
    let error = FrameError.tooLong(64 << 20, limit: Handshake.limit)
    #expect(refused.wait(patience) { $0.first } == .closed(.protocolError(error)))
    #expect(transport.counters.current.protocolErrors == 1)
    connection.abort()
    listener.close()
  }
}
