import Glibc

/// A socket that listens, for a library that accepts on it by itself. Whoever gets it closes it.
package struct ListeningSocket: Sendable {
  package let descriptor: Int32
  /// With the port that it has got.
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

  /// Whether only this machine can reach a host.
  package static func isLoopback(_ host: String, port: Int) throws(TransportError) -> Bool {
    try SocketAddress.resolve(host, port: port, timeout: .seconds(10)).allSatisfy(\.isLoopback)
  }
}
