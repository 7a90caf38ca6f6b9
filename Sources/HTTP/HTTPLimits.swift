/// Limits for clients, so that none can exhaust the server.
package struct HTTPLimits: Hashable, Sendable {
  /// Concurrent connections; each has a thread.
  package var connections = 128
  package var connectionsPerAddress = 64
  /// Bytes for the request line and all headers.
  package var headerBytes = 32 << 10
  package var bodyBytes = 1 << 20
  /// From the connection, or the request's first byte, to its last.
  package var requestTime: Duration = .seconds(15)
  /// Until the client has read a response that is not a stream.
  package var responseTime: Duration = .seconds(60)
  /// Idle time without a byte in either direction.
  package var silence: Duration = .seconds(20)

  package init() {}
}
