import Glibc

/// Why a connection or listener could not be created. An existing connection ends with a ``CloseReason``.
package enum TransportError: Error, Hashable, Sendable, CustomStringConvertible {
  case invalidEndpoint(String, reason: String)
  /// The endpoint belongs to another kind of transport.
  case unsupported(Endpoint)
  case unresolved(host: String, reason: String)
  /// Nobody listens there.
  case refused(Endpoint)
  case timedOut(Endpoint)
  case addressInUse(Endpoint)
  /// Listening beyond this machine requires a shared secret.
  case secretNeededToListen(Endpoint)
  /// Connected, but the handshake failed.
  case handshake(Endpoint, HandshakeError)
  /// A blocking call from a connection's handler, where it would wait for itself.
  case calledFromHandler
  /// A system call failed with `code` (errno).
  case system(call: String, code: Int32, at: String)

  package var description: String {
    switch self {
    case .invalidEndpoint(let text, let reason): "address \"\(text)\": \(reason)"
    case .unsupported(let endpoint): "\(endpoint): not an address of this transport"
    case .unresolved(let host, let reason): "host \"\(host)\" cannot be resolved: \(reason)"
    case .refused(let endpoint): "\(endpoint): connection refused, nothing listens there"
    case .timedOut(let endpoint): "\(endpoint): no answer in time"
    case .addressInUse(let endpoint): "\(endpoint): the address is in use by another process"
    case .secretNeededToListen(let endpoint):
      "\(endpoint) can be reached from other machines: pass --secret-file or set SWIFTLET_SECRET, or listen on 127.0.0.1"
    case .handshake(let endpoint, let error): "\(endpoint): \(error)"
    case .calledFromHandler: "a call that blocks was made from a connection's handler"
    case .system(let call, let code, let location): "\(location): \(call): \(systemMessage(code))"
    }
  }
}

/// The text of an errno.
func systemMessage(_ code: Int32) -> String {
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
    buffer.initialize(repeating: 0)
    guard let base = buffer.baseAddress, strerror_r(code, base, buffer.count) == 0 else {
      return "errno \(code)"
    }
    return String(cString: base)
  }
}
