import Basics
import CLinux
import Glibc

/// Accepts connections on one socket. If the process runs out of descriptors, it pauses and retries; meanwhile peers wait in
/// the system's queue.
final class TCPListener: Listener, ReactorSource {
  private static let acceptsPerTurn = 64
  private static let rest = Duration.milliseconds(50)

  let endpoint: Endpoint
  private let socket: Socket
  private let reactor: Reactor
  private let counters: TransportCounters
  private let limits: FlowLimits
  private let tls: TLS?
  private let accept: @Sendable (any Connection) -> Void
  /// The reactor's id for this listener; nil once closed.
  private let source = Monitor<UInt64?>(nil)

  init(
    _ socket: Socket, endpoint: Endpoint, reactor: Reactor, counters: TransportCounters, limits: FlowLimits,
    tls: TLS?,
    accept: @escaping @Sendable (any Connection) -> Void
  ) throws(TransportError) {
    self.socket = socket
    self.endpoint = endpoint
    self.reactor = reactor
    self.counters = counters
    self.limits = limits
    self.tls = tls
    self.accept = accept
    // The lock is held so that a first connection, on the reactor's thread, finds the source set.
    try source.withLock { source throws(TransportError) in
      source = try reactor.add(self, descriptor: socket.descriptor, events: EPOLLIN.rawValue)
    }
  }

  func close() {
    source.withLock { source in
      guard let id = source else { return }
      source = nil
      reactor.remove(id, descriptor: socket.descriptor)
      socket.close()
    }
  }

  func ready(_ events: UInt32) {
    for _ in 0..<TCPListener.acceptsPerTurn {
      // Under the lock, so that the descriptor is still ours; the call does not block.
      guard let next = source.withLock({ $0 == nil ? nil : socket.accept() }) else { return }
      switch next {
      case .success(.none): return
      case .success(.some(let (socket, peer))):
        let stream = tls.flatMap { TLSStream($0, host: nil) }
        guard tls == nil || stream != nil else {
          socket.close()
          return takeRest()
        }
        guard
          let connection = try? TCPConnection(
            socket, peer: peer.endpoint.description, reactor: reactor, counters: counters,
            limits: limits, tls: stream)
        else { return takeRest() }
        accept(connection)
      case .failure: return takeRest()
      }
    }
  }

  private func takeRest() {
    counters.update { $0.acceptFailures += 1 }
    watch(0)
    _ = reactor.schedule(after: TCPListener.rest) { self.watch(EPOLLIN.rawValue) }
  }

  private func watch(_ events: UInt32) {
    source.withLock { source in
      if let source { reactor.modify(source, descriptor: socket.descriptor, events: events) }
    }
  }
}
