/// What one server allows its clients, so that none of them costs it more than it can give.
package struct HTTPLimits: Hashable, Sendable {
  /// At a time; each has a thread.
  package var connections = 128
  package var connectionsPerAddress = 64
  /// Bytes for the request line and all headers.
  package var headerBytes = 32 << 10
  package var bodyBytes = 1 << 20
  /// From the connection, or the request's first byte, until its last one.
  package var requestTime: Duration = .seconds(15)
  /// For a response that is no stream to be taken.
  package var responseTime: Duration = .seconds(60)
  /// Without a byte in either direction.
  package var silence: Duration = .seconds(20)

  package init() {}
}
