/// Safe by default: a process that other machines can reach needs a shared secret.
package enum ListenPolicy {
  package static func check(_ endpoint: Endpoint, secret: Secret?) throws(TransportError) {
    guard secret == nil, case .tcp(let host, let port) = endpoint else { return }
    let addresses = try SocketAddress.resolve(host, port: port, timeout: .seconds(10))
    guard addresses.allSatisfy(\.isLoopback) else { throw .secretNeededToListen(endpoint) }
  }
}
