import Basics

/// Why a handshake failed. No case contains a secret, a proof or a nonce.
package enum HandshakeError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The other side is not a Swiftlet process.
  case notSwiftlet
  case wrongVersion(UInt16)
  case malformed(WireError)
  /// A message that is not allowed at this point of the handshake.
  case unexpectedMessage(UInt8)
  /// The peer has a secret, but this side does not.
  case secretRequired(by: Role)
  /// This side has a secret, but the peer does not.
  case secretMissing(at: Role)
  /// The peer could not prove that it has the same secret.
  case wrongSecret(Role)
  /// The peer sent our own message back.
  case reflected
  case wrongRole(Role, expected: [Role])
  /// The driver and the worker are different programs, or different builds of one.
  case otherBuild(of: Role, String, own: String)
  /// The peer refused the connection and gave a reason.
  case refused(Refusal)
  case timedOut
  case closed(CloseReason)
  /// The system returned no random bytes, or the crypto library failed.
  case cryptoFailed

  package var description: String {
    switch self {
    case .notSwiftlet: "what answers there does not speak Swiftlet's protocol"
    case .wrongVersion(let version):
      "the peer speaks protocol version \(version), this process \(Hello.version)"
    case .malformed(let error): "malformed handshake: \(error)"
    case .unexpectedMessage(let type): "message \(type) in the middle of the handshake"
    case .secretRequired(let role): "the \(role) requires a secret: pass --secret-file or set SWIFTLET_SECRET"
    case .secretMissing(let role):
      "the \(role) has no secret and this process has one: start the \(role) with --secret-file"
    case .wrongSecret(let role): "the \(role) has another secret"
    case .reflected: "the peer sent this process's own greeting back"
    case .wrongRole(let role, let expected):
      "found a \(role), expected a \(expected.map(\.description).joined(separator: " or "))"
    case .otherBuild(let role, let build, let own):
      "the \(role) is \(HandshakeError.name(build)), this process is \(HandshakeError.name(own)): "
        + "start driver and workers from the same build of the same program"
    case .refused(let refusal): "refused by the peer: \(refusal)"
    case .timedOut: "the handshake did not end in time"
    case .closed(let reason): "during the handshake: \(reason)"
    case .cryptoFailed: "no random numbers or no HMAC from the system"
    }
  }

  private static func name(_ build: String) -> String { build.isEmpty ? "of an unknown build" : build }

  /// Whether both are Swiftlet processes that are incompatible.
  var isAboutPeer: Bool {
    switch self {
    case .secretRequired, .secretMissing, .wrongRole, .wrongVersion, .otherBuild: true
    default: false
    }
  }

  /// Whether retrying is pointless.
  package var isFinal: Bool { if case .otherBuild = self { true } else { false } }

  /// The reason sent to the peer; nil if there is no peer to tell or it may not know the reason.
  var refusal: Refusal? {
    switch self {
    case .notSwiftlet, .refused, .timedOut, .closed: nil
    case .wrongVersion: .wrongVersion
    case .malformed, .unexpectedMessage, .reflected: .malformed
    case .secretRequired: .noSecretHere
    case .secretMissing: .secretRequired
    case .wrongSecret: .wrongSecret
    case .wrongRole: .wrongRole
    case .otherBuild: .otherBuild
    case .cryptoFailed: .busy
    }
  }
}

/// The reason that a peer gives for a refusal. It is not authenticated, so it is for people only and decides nothing.
package enum Refusal: UInt8, Sendable, CaseIterable, CustomStringConvertible {
  case wrongVersion = 1
  case malformed = 2
  case secretRequired = 3
  case noSecretHere = 4
  case wrongSecret = 5
  case wrongRole = 6
  case busy = 7
  case otherBuild = 8

  package var description: String {
    switch self {
    case .wrongVersion: "it speaks another protocol version"
    case .malformed: "it did not understand the handshake"
    case .secretRequired: "it requires a secret: pass --secret-file or set SWIFTLET_SECRET"
    case .noSecretHere: "it has no secret, this process has one"
    case .wrongSecret: "the secrets differ"
    case .wrongRole: "it does not serve this kind of process"
    case .otherBuild: "it is another build or another program"
    case .busy: "it cannot take more connections now"
    }
  }
}
