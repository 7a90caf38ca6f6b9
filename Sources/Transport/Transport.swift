/// A way to reach peers: sockets, or the memory of this process. Any thread may call.
package protocol Transport: Sendable {
  var counters: TransportCounters { get }

  /// Accepts connections until the listener is closed. `accept` runs on the reactor's thread and must not block.
  func listen(
    on endpoint: Endpoint, accept: @escaping @Sendable (any Connection) -> Void
  ) throws(TransportError) -> any Listener

  /// Blocks until connected, at most `timeout`, name resolution included. Not from a handler.
  func connect(to endpoint: Endpoint, timeout: Duration) throws(TransportError) -> any Connection
}

/// An open door. It stays open until it is closed.
package protocol Listener: AnyObject, Sendable {
  /// Where it listens, with the port that the system chose if 0 was asked for.
  var endpoint: Endpoint { get }

  /// Stops accepting. Connections that were accepted live on.
  func close()
}
