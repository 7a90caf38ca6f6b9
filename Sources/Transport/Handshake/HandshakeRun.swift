import Basics
import OpenSSL

/// Runs a ``Handshake`` over a connection, with a time limit.
final class HandshakeRun: Sendable {
  private struct State: Sendable {
    var handshake: Handshake
    var timer: TimerQueue.ID?
  }

  private let connection: any Connection
  private let reactor: Reactor
  private let state: Monitor<State>
  private let done: @Sendable (Result<Hello, HandshakeError>) -> Void
  private let ended: @Sendable () -> Void

  /// - Parameters:
  ///   - done: Called once, on the reactor's thread. On success the connection is paused; on failure it closes.
  ///   - ended: Called once, when the handshake has released everything: on success, or when the connection is closed.
  static func start(
    _ connection: any Connection, isInitiator: Bool, _ identity: Identity, expecting roles: [Role],
    done: @escaping @Sendable (Result<Hello, HandshakeError>) -> Void,
    ended: @escaping @Sendable () -> Void
  ) {
    guard let nonce = Crypto.randomBytes(Hello.nonceSize), case .success(let reactor) = Reactor.process else {
      connection.abort()
      done(.failure(.cryptoFailed))
      return ended()
    }
    let handshake = Handshake(
      isInitiator: isInitiator, role: identity.role, name: identity.name, build: identity.build,
      secret: identity.secret, expected: roles, nonce: nonce)
    let run = HandshakeRun(connection, reactor, handshake, done: done, ended: ended)
    reactor.execute { run.begin(identity.limit) }
  }

  private init(
    _ connection: any Connection, _ reactor: Reactor, _ handshake: Handshake,
    done: @escaping @Sendable (Result<Hello, HandshakeError>) -> Void, ended: @escaping @Sendable () -> Void
  ) {
    self.connection = connection
    self.reactor = reactor
    self.done = done
    self.ended = ended
    state = Monitor(State(handshake: handshake))
  }

  private func begin(_ limit: Duration) {
    let timer = reactor.schedule(after: limit) { self.handle(.timeOver) }
    state.withLock { $0.timer = timer }
    handle(.opened)
    connection.start(.single(limit: Handshake.limit)) { event in
      switch event {
      case .frames(let frames): for frame in frames { self.handle(.frame(frame)) }
      case .closed(let reason):
        self.handle(.closed(reason))
        self.ended()
      }
    }
  }

  private func handle(_ event: Handshake.Event) {
    let binding = connection.binding
    let actions = state.withLock { state in
      state.handshake.binding = binding
      return state.handshake.handle(event)
    }
    for action in actions {
      switch action {
      case .send(let frame): connection.send(frame)
      case .succeed(let peer):
        finish()
        connection.pause()
        ended()
        done(.success(peer))
      case .fail(let error):
        finish()
        if error == .timedOut { connection.abort() } else { connection.close(within: .seconds(1)) }
        done(.failure(error))
      }
    }
  }

  private func finish() {
    if let timer = state.withLock({ $0.timer }) { reactor.cancel(timer) }
  }
}
