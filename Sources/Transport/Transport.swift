/// A way to reach peers: sockets, or the memory of this process. Any thread may call.
package protocol Transport: Sendable {
  var counters: TransportCounters { get }

  /// Accepts connections until the listener is closed. `accept` runs on the reactor's thread and must not block.
  func listen(
    on endpoint: Endpoint, accept: @escaping @Sendable (any Connection) -> Void
  ) throws(TransportError) -> any Listener

  /// Connects to a peer. Blocks for at most `timeout`, including name resolution. Must not be called from a handler.
  func connect(to endpoint: Endpoint, timeout: Duration) throws(TransportError) -> any Connection
}

/// A listening endpoint. It stays open until it is closed.
package protocol Listener: AnyObject, Sendable {
  /// The endpoint it listens on, with the port that the system chose if 0 was requested.
  var endpoint: Endpoint { get }

  /// Stops accepting. Connections already accepted stay open.
  func close()
}
