import Basics

/// How this process identifies itself to its peers.
package struct Identity: Sendable {
  package let role: Role
  package let name: String
  /// See ``Hello/build``.
  package let build: String
  package let secret: Secret?
  /// How long a handshake may take.
  package let limit: Duration

  package init(role: Role, name: String, build: String = "", secret: Secret?, limit: Duration = .seconds(5)) {
    self.role = role
    self.name = name
    self.build = build
    self.secret = secret
    self.limit = limit
  }
}

/// A connection whose peer is authenticated. Its owner calls ``Connection/start(_:_:)``; nothing is lost before that.
package struct Session: Sendable {
  package let connection: any Connection
  package let peer: Hello
}

extension Transport {
  /// Connects and performs the handshake. Blocks at most `timeout` for connecting plus the identity's limit for the handshake.
  package func openSession(
    to endpoint: Endpoint, as identity: Identity, expecting roles: [Role], timeout: Duration
  ) throws(TransportError) -> Session {
    let connection = try connect(to: endpoint, timeout: timeout)
    let outcome = Monitor<Result<Hello, HandshakeError>?>(nil)
    HandshakeRun.start(connection, isInitiator: true, identity, expecting: roles) { result in
      outcome.change { $0 = result }
    } ended: {
    }
    // The handshake has its own time limit; the extra second only allows for a late reactor.
    switch outcome.wait(identity.limit + .seconds(1), until: { $0 }) ?? .failure(.timedOut) {
    case .success(let peer): return Session(connection: connection, peer: peer)
    case .failure(let error):
      connection.close(within: .seconds(1))
      throw .handshake(endpoint, error)
    }
  }

  /// Accepts peers that complete the handshake. Without a secret, refuses to listen beyond this machine. A handshake that is in
  /// progress when the listener closes may still succeed.
  /// - Parameters:
  ///   - pending: Maximum number of handshakes in progress; further peers are refused at once.
  ///   - refused: Called for each refused peer, for the log. Runs on the reactor's thread, like `accept`.
  package func listenForSessions(
    on endpoint: Endpoint, as identity: Identity, expecting roles: [Role], pending: Int = 1024,
    refused: @escaping @Sendable (_ peer: String, HandshakeError) -> Void = { _, _ in },
    accept: @escaping @Sendable (Session) -> Void
  ) throws(TransportError) -> any Listener {
    try ListenPolicy.check(endpoint, secret: identity.secret)
    let counters = counters
    let open = Monitor(0)
    return try listen(on: endpoint) { connection in
      let isAdmitted = open.withLock { open in
        guard open < pending else { return false }
        open += 1
        return true
      }
      guard isAdmitted else {
        counters.update { $0.handshakesRefused += 1 }
        return connection.abort()
      }
      HandshakeRun.start(connection, isInitiator: false, identity, expecting: roles) { result in
        switch result {
        case .success(let peer): accept(Session(connection: connection, peer: peer))
        case .failure(let error):
          counters.update { $0.handshakesRefused += 1 }
          refused(connection.peer, error)
        }
      } ended: {
        open.withLock { $0 -= 1 }
      }
    }
  }
}
