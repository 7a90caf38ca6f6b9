import Glibc

/// Why the files of ``TLS`` cannot be used. Names the file, never its content.
package enum TLSFileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Some but not all of the three files were given.
  case incomplete(missing: [String])
  case unreadable(String, code: Int32)
  case notAFile(String)
  /// Every user of the machine can read the key.
  case openToOthers(String, mode: UInt32)
  case noCertificate(String)
  case noKey(String)
  case noAuthority(String)
  case keyDoesNotFit(key: String, certificate: String)
  case expired(String)
  case notYetValid(String)
  case libraryFailed(String)

  package var description: String {
    switch self {
    case .incomplete(let missing):
      "TLS needs a certificate, its key and the CA: \(missing.joined(separator: " and ")) missing"
    case .unreadable(let path, let code): "TLS file \(path): \(systemMessage(code))"
    case .notAFile(let path): "TLS file \(path): expected a regular file"
    case .openToOthers(let path, let mode):
      "TLS key \(path): every user of this machine has access (mode \(String(mode, radix: 8))): chmod 600 it"
    case .noCertificate(let path): "TLS certificate \(path): expected a certificate in PEM form"
    case .noKey(let path): "TLS key \(path): expected a private key in PEM form without a password"
    case .noAuthority(let path): "TLS CA \(path): expected certificates in PEM form"
    case .keyDoesNotFit(let key, let certificate):
      "TLS key \(key): it does not belong to the certificate \(certificate)"
    case .expired(let path): "TLS certificate \(path): it has expired"
    case .notYetValid(let path):
      "TLS certificate \(path): it is not valid yet; is this machine's clock right?"
    case .libraryFailed(let reason): "TLS: \(reason)"
    }
  }
}

/// Why TLS ended a connection.
package enum TLSFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The peer's certificate is not from our CA, has expired, or is invalid for another reason.
  case untrusted(reason: String, authority: String)
  /// On the connecting side: the certificate is valid, but for another host.
  case wrongHost(String)
  /// On the accepting side: the peer sent no certificate.
  case noCertificate
  /// The received bytes are not TLS.
  case plainPeer
  /// This side does not use TLS, but the peer does.
  case peerUsesTLS
  /// The peer disconnected before the TLS handshake was complete.
  case endedEarly
  /// The peer rejected the connection with the alert of this name.
  case refused(String)
  /// Modified bytes, a message out of order, or no common version.
  case broken(String)
  case timedOut

  package var description: String {
    switch self {
    case .untrusted(let reason, let authority):
      "TLS: the peer's certificate is not trusted: \(reason) (CA file \(authority))"
    case .wrongHost(let host):
      "TLS: the peer's certificate is for another host: it has no subjectAltName for \(host)"
    case .noCertificate: "TLS: the peer has no certificate; start it with \(TLS.options)"
    case .plainPeer: "TLS: the peer does not use TLS and this process does; start it with \(TLS.options)"
    case .peerUsesTLS: "the peer uses TLS and this process does not; give \(TLS.options)"
    case .endedEarly:
      "TLS: the peer hung up in the middle of the TLS handshake; does it use TLS? Start it with \(TLS.options)"
    case .refused(let alert): "TLS: the peer refused this process: \(alert)"
    case .broken(let reason): "TLS: \(reason)"
    case .timedOut: "TLS: the handshake did not end in time"
    }
  }
}
