import Basics

/// In-process connections: a separate network with unique names. Frames are passed as values, and delivered on the reactor's
/// thread like frames received over TCP.
package final class MemoryTransport: Transport {
  package let counters: TransportCounters
  private let limits: FlowLimits
  private let listeners = Monitor<[String: MemoryListener]>([:])

  package init(
    counters: TransportCounters = TransportCounters(), limits: FlowLimits = FlowLimits()
  ) {
    self.counters = counters
    self.limits = limits
  }

  package func listen(
    on endpoint: Endpoint, accept: @escaping @Sendable (any Connection) -> Void
  ) throws(TransportError) -> any Listener {
    guard case .memory(let name) = endpoint else { throw .unsupported(endpoint) }
    let listener = MemoryListener(endpoint: endpoint, accept: accept) { [weak self] in
      self?.listeners.withLock { $0[name] = nil }
    }
    try listeners.withLock { listeners throws(TransportError) in
      guard listeners[name] == nil else { throw .addressInUse(endpoint) }
      listeners[name] = listener
    }
    return listener
  }

  package func connect(
    to endpoint: Endpoint, timeout: Duration
  ) throws(TransportError) -> any Connection {
    guard case .memory(let name) = endpoint else { throw .unsupported(endpoint) }
    let reactor = try Reactor.current()
    guard !reactor.isCurrentThread else { throw .calledFromHandler }
    guard let listener = listeners.withLock({ $0[name] }) else { throw .refused(endpoint) }
    let (near, far) = MemoryConnection.pair(
      near: "memory:client", far: endpoint.description, reactor: reactor, counters: counters,
      limits: limits)
    reactor.execute { listener.offer(far) }
    return near
  }
}

/// A listener under a name in a ``MemoryTransport``.
final class MemoryListener: Listener {
  let endpoint: Endpoint
  private let accept: @Sendable (any Connection) -> Void
  private let forget: @Sendable () -> Void
  private let isOpen = Monitor(true)

  init(
    endpoint: Endpoint, accept: @escaping @Sendable (any Connection) -> Void,
    forget: @escaping @Sendable () -> Void
  ) {
    self.endpoint = endpoint
    self.accept = accept
    self.forget = forget
  }

  func close() {
    let wasOpen = isOpen.withLock { isOpen in
      defer { isOpen = false }
      return isOpen
    }
    // Only once: the name may belong to another listener by now.
    if wasOpen { forget() }
  }

  func offer(_ connection: MemoryConnection) {
    if isOpen.withLock({ $0 }) { accept(connection) } else { connection.abort() }
  }
}
