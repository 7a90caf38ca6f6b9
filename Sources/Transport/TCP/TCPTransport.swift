import Basics
import Glibc

/// Connections over TCP sockets, IPv4 and IPv6. All connections of a process share the reactor's single thread.
package struct TCPTransport: Transport {
  package let counters: TransportCounters
  private let backlog: Int32
  private let tls: TLS?
  private let limits: FlowLimits

  /// - Parameters:
  ///   - tls: Used for every connection, in and out; nil means plain connections.
  ///   - backlog: Maximum number of connections that the system queues for `accept`.
  package init(
    tls: TLS? = nil, counters: TransportCounters = TransportCounters(), limits: FlowLimits = FlowLimits(),
    backlog: Int = 1024
  ) {
    self.limits = limits
    self.tls = tls
    self.counters = counters
    self.backlog = Int32(clamping: backlog)
  }

  package func listen(
    on endpoint: Endpoint, accept: @escaping @Sendable (any Connection) -> Void
  ) throws(TransportError) -> any Listener {
    guard case .tcp(let host, let port) = endpoint else { throw .unsupported(endpoint) }
    let reactor = try Reactor.current()
    let addresses = try SocketAddress.resolve(host, port: port, timeout: .seconds(10))
    guard let address = addresses.first else { throw .unresolved(host: host, reason: "it has no address") }
    let socket = try Socket(family: address.family, at: endpoint)
    do throws(TransportError) {
      let code = socket.listen(on: address, backlog: backlog)
      if code == EADDRINUSE { throw .addressInUse(endpoint) }
      guard code == 0 else { throw .system(call: "listen", code: code, at: endpoint.description) }
      return try TCPListener(
        socket, endpoint: .tcp(host: host, port: socket.localAddress.numeric.port), reactor: reactor,
        counters: counters, limits: limits, tls: tls, accept: accept)
    } catch {
      socket.close()
      throw error
    }
  }

  package func connect(
    to endpoint: Endpoint, timeout: Duration
  ) throws(TransportError) -> any Connection {
    guard case .tcp(let host, let port) = endpoint else { throw .unsupported(endpoint) }
    let reactor = try Reactor.current()
    guard !reactor.isCurrentThread else { throw .calledFromHandler }
    let deadline = Deadline(after: timeout)
    let addresses = try SocketAddress.resolve(host, port: port, timeout: timeout)
    var failure = TransportError.timedOut(endpoint)
    for (index, address) in addresses.enumerated() {
      // Each address gets a share of the remaining time, so that one that never answers leaves some for the next.
      let share = Deadline(after: deadline.remaining / (addresses.count - index))
      do throws(TransportError) {
        return try connect(to: address, of: endpoint, until: share, reactor: reactor)
      } catch { failure = error }
    }
    throw failure
  }

  private func connect(
    to address: SocketAddress, of endpoint: Endpoint, until deadline: Deadline, reactor: Reactor
  ) throws(TransportError) -> any Connection {
    let socket = try Socket(family: address.family, at: endpoint)
    let code = socket.connect(to: address, until: deadline)
    guard code == 0 else {
      socket.close()
      switch code {
      case ECONNREFUSED: throw .refused(endpoint)
      case ETIMEDOUT: throw .timedOut(endpoint)
      default: throw .system(call: "connect", code: code, at: endpoint.description)
      }
    }
    guard let tls, case .tcp(let host, _) = endpoint else {
      return try TCPConnection(
        socket, peer: endpoint.description, reactor: reactor, counters: counters, limits: limits)
    }
    guard let stream = TLSStream(tls, host: host) else {
      socket.close()
      throw .system(call: "SSL_new", code: ENOMEM, at: endpoint.description)
    }
    return try TCPConnection(
      socket, peer: endpoint.description, reactor: reactor, counters: counters, limits: limits,
      tls: stream)
  }
}
