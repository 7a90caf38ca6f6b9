/// A handler's answer.
package struct HTTPResponse: Sendable {
  package enum Body: Sendable {
    case bytes([UInt8])
    /// Sent piece by piece, until it ends or the client disconnects.
    case stream(any HTTPStream)
  }

  package var status: Int
  package var headers: [(name: String, value: String)]
  package var body: Body

  package init(status: Int = 200, type: String, headers: [(name: String, value: String)] = [], body: Body) {
    self.status = status
    self.headers = [("Content-Type", type)] + headers
    self.body = body
  }

  package init(status: Int = 200, text: String, type: String = "text/plain; charset=utf-8") {
    self.init(status: status, type: type, body: .bytes(Array(text.utf8)))
  }

  package mutating func set(_ name: String, _ value: String) { headers.append((name, value)) }
}

/// A body of unknown length. Used from one connection's thread.
package protocol HTTPStream: AnyObject, Sendable {
  /// Blocks until there is something to send, for a few seconds at most: an idle stream sends something
  /// without meaning.
  /// - Returns: A non-empty piece; nil at the end.
  func next() -> [UInt8]?
}
