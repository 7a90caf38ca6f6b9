import Basics
import OpenSSL
import Wire

/// One side of the handshake, as a state machine: events in, actions out. It uses no clock, socket or random source.
///
/// The connecting side (the initiator) speaks first. Both exchange a ``Hello``. The initiator then proves that it has the
/// secret, and only after that does the acceptor, so that a stranger who connects gets nothing to test guesses against. A proof
/// is HMAC-SHA256 over a label for the direction, both hellos as sent (including nonces), and the binding to the underlying TLS
/// connection, if any. A proof cannot be replayed (the nonces are fresh), reflected (the label differs), combined with a
/// changed hello, or relayed over another TLS connection. Without a secret the proofs are empty.
///
/// The handshake authenticates the peer when the connection begins. It does not protect later bytes, so an attacker who can
/// modify traffic can take over the connection. Preventing that is the job of TLS.
package struct Handshake: Sendable {
  /// The longest message, in bytes.
  package static let limit = 1024

  package enum Message {
    package static let hello: UInt8 = 0xf0
    package static let proof: UInt8 = 0xf1
    package static let refusal: UInt8 = 0xf2
  }

  package enum Event: Sendable {
    case opened
    case frame(Frame)
    case closed(CloseReason)
    case timeOver
  }

  package enum Action: Hashable, Sendable {
    case send(Frame)
    /// The peer is authenticated and the handshake is over.
    case succeed(Hello)
    /// The handshake is over; close once everything queued has been sent.
    case fail(HandshakeError)
  }

  private enum State {
    case idle
    case awaitingHello
    case awaitingProof(Hello, bytes: [UInt8])
    case over
  }

  private let isInitiator: Bool
  private let hello: Hello
  private let helloBytes: [UInt8]
  private let secret: Secret?
  private let expected: [Role]
  private var state = State.idle
  /// Bytes that only the two ends of the connection know (``Connection/binding``). Included in the proofs.
  package var binding: [UInt8] = []

  /// - Parameters:
  ///   - expected: The roles of peers to accept.
  ///   - nonce: 32 bytes that have never been used before.
  package init(
    isInitiator: Bool, role: Role, name: String, build: String = "", secret: Secret?, expected: [Role],
    nonce: [UInt8]
  ) {
    self.isInitiator = isInitiator
    self.secret = secret
    self.expected = expected
    hello = Hello(role: role, name: name, build: build, hasSecret: secret != nil, nonce: nonce)
    helloBytes = hello.encoded
  }

  package mutating func handle(_ event: Event) -> [Action] {
    if case .over = state { return [] }
    do throws(HandshakeError) {
      switch (event, state) {
      case (.opened, .idle):
        state = .awaitingHello
        return isInitiator ? [.send(Frame(type: Message.hello, payload: helloBytes))] : []
      case (.opened, _): return []
      case (.closed(let reason), _): throw .closed(reason)
      case (.timeOver, _): throw .timedOut
      case (.frame(let frame), _) where frame.type == Message.refusal:
        throw .refused(frame.payload.first.flatMap(Refusal.init(rawValue:)) ?? .malformed)
      case (.frame(let frame), .awaitingHello) where frame.type == Message.hello:
        return try take(frame.payload)
      case (.frame(let frame), .awaitingProof(let peer, let bytes)) where frame.type == Message.proof:
        return try take(proof: frame.payload, of: peer, bytes)
      case (.frame(let frame), _): throw .unexpectedMessage(frame.type)
      }
    } catch {
      return fail(error)
    }
  }

  private mutating func fail(_ error: HandshakeError) -> [Action] {
    // An acceptor that has not sent its hello does so now, so that the peer can see how the two differ.
    let mustIntroduce = if case .awaitingHello = state { !isInitiator && error.isAboutPeer } else { false }
    state = .over
    var actions: [Action] = []
    if mustIntroduce { actions.append(.send(Frame(type: Message.hello, payload: helloBytes))) }
    if let refusal = error.refusal {
      actions.append(.send(Frame(type: Message.refusal, payload: [refusal.rawValue])))
    }
    return actions + [.fail(error)]
  }

  private mutating func take(_ bytes: [UInt8]) throws(HandshakeError) -> [Action] {
    let peer = try Hello(decoding: bytes)
    guard peer.nonce != hello.nonce else { throw .reflected }
    guard expected.contains(peer.role) else { throw .wrongRole(peer.role, expected: expected) }
    if secret == nil, peer.hasSecret { throw .secretRequired(by: peer.role) }
    if secret != nil, !peer.hasSecret { throw .secretMissing(at: peer.role) }
    guard peer.build == hello.build || !hello.role.sharesCode(with: peer.role) else {
      throw .otherBuild(of: peer.role, peer.build, own: hello.build)
    }
    state = .awaitingProof(peer, bytes: bytes)
    return isInitiator ? [try prove(to: bytes)] : [.send(Frame(type: Message.hello, payload: helloBytes))]
  }

  private mutating func take(proof: [UInt8], of peer: Hello, _ bytes: [UInt8]) throws(HandshakeError)
    -> [Action]
  {
    let right = try self.proof(byInitiator: !isInitiator, peer: bytes)
    guard Crypto.areEqual(proof, right) else { throw .wrongSecret(peer.role) }
    let answer = isInitiator ? [] : [try prove(to: bytes)]
    state = .over
    return answer + [.succeed(peer)]
  }

  private func prove(to peer: [UInt8]) throws(HandshakeError) -> Action {
    .send(Frame(type: Message.proof, payload: try proof(byInitiator: isInitiator, peer: peer)))
  }

  private func proof(byInitiator: Bool, peer: [UInt8]) throws(HandshakeError) -> [UInt8] {
    guard let secret else { return [] }
    var transcript = ByteWriter()
    transcript.string(byInitiator ? "swiftlet 1 initiator" : "swiftlet 1 acceptor")
    // The hellos contain the nonces and everything agreed on. Length prefixes make the concatenation unambiguous.
    transcript.blob(isInitiator ? helloBytes : peer)
    transcript.blob(isInitiator ? peer : helloBytes)
    transcript.blob(binding)
    guard let proof = Crypto.hmacSHA256(key: secret.bytes, transcript.bytes) else { throw .cryptoFailed }
    return proof
  }
}
