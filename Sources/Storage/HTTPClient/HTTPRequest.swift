/// One HTTP request, complete: nothing is added to it but what the protocol needs.
struct HTTPRequest: Sendable {
  var method: String
  /// As it goes out, percent-encoded.
  var url: String
  var headers: [(name: String, value: String)] = []
  var body: ByteBlock?
  /// Where the body of a successful response goes. One that is longer than this is a failure.
  var target: ByteBlock?
  var limits = HTTPLimits()
}

/// When a request counts as failed.
struct HTTPLimits: Hashable, Sendable {
  var connectSeconds = 10
  /// Without ``slowestBytes`` a second for this long.
  var silenceSeconds = 30
  var slowestBytes = 2048
  var totalSeconds = 900
  /// Bytes of a response that goes to no target.
  var responseBytes = 64 << 20
  /// Whether the environment's proxies are meant for it.
  var usesProxy = true
}

struct HTTPResponse: Sendable {
  var status: Int
  /// Names in lower case; of equal ones the last.
  var headers: [String: String] = [:]
  /// Empty where the body went to the request's target.
  var body: [UInt8] = []
  /// Bytes that went to the target.
  var received = 0

  var isSuccess: Bool { 200..<300 ~= status }
}

/// Why there is no response.
struct HTTPFailure: Error, Hashable, Sendable, CustomStringConvertible {
  enum Kind: Hashable, Sendable {
    /// It may pass: no connection, a connection that was lost, silence.
    case transient
    /// The request or the server is wrong; the same request will fail again.
    case permanent
  }

  let kind: Kind
  let description: String
}
