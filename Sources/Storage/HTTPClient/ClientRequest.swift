/// An outgoing HTTP request. The client adds only what the protocol needs.
struct ClientRequest: Sendable {
  var method: String
  /// Percent-encoded, sent as it is.
  var url: String
  var headers: [(name: String, value: String)] = []
  var body: ByteBlock?
  /// Receives the body of a successful response; a longer body is a failure.
  var target: ByteBlock?
  var limits = ClientLimits()
}

/// Limits after which a request fails.
struct ClientLimits: Hashable, Sendable {
  var connectSeconds = 10
  /// Seconds with less than ``slowestBytes`` per second.
  var silenceSeconds = 30
  var slowestBytes = 2048
  var totalSeconds = 900
  /// Maximum size of a response without target.
  var responseBytes = 64 << 20
  /// Whether to use the environment's proxies.
  var usesProxy = true
}

struct ClientResponse: Sendable {
  var status: Int
  /// Names in lower case; the last of equal names wins.
  var headers: [String: String] = [:]
  /// Empty if the body went to the request's target.
  var body: [UInt8] = []
  /// Bytes written to the target.
  var received = 0

  var isSuccess: Bool { 200..<300 ~= status }
}

/// Why a request got no response.
struct HTTPFailure: Error, Hashable, Sendable, CustomStringConvertible {
  enum Kind: Hashable, Sendable {
    /// May pass: no connection, lost connection, silence.
    case transient
    /// The request or the server is wrong; the same request will fail again.
    case permanent
  }

  let kind: Kind
  let description: String
}
