import Glibc

/// A listening socket for a library that does its own accepting. Its owner must close it.
package struct ListeningSocket: Sendable {
  package let descriptor: Int32
  /// The endpoint, with the actual port.
  package let endpoint: Endpoint

  package static func open(on endpoint: Endpoint) throws(TransportError) -> ListeningSocket {
    guard case .tcp(let host, let port) = endpoint else { throw .unsupported(endpoint) }
    let addresses = try SocketAddress.resolve(host, port: port, timeout: .seconds(10))
    guard let address = addresses.first else { throw .unresolved(host: host, reason: "it has no address") }
    let socket = try Socket(family: address.family, at: endpoint)
    let code = socket.listen(on: address, backlog: 128)
    guard code == 0 else {
      socket.close()
      if code == EADDRINUSE { throw .addressInUse(endpoint) }
      throw .system(call: "listen", code: code, at: endpoint.description)
    }
    return ListeningSocket(
      descriptor: socket.descriptor, endpoint: .tcp(host: host, port: socket.localAddress.numeric.port))
  }

  package func close() { _ = Glibc.close(descriptor) }

  /// Whether a host is reachable only from this machine.
  package static func isLoopback(_ host: String, port: Int) throws(TransportError) -> Bool {
    try SocketAddress.resolve(host, port: port, timeout: .seconds(10)).allSatisfy(\.isLoopback)
  }
}
