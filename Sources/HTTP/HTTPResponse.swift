/// What a handler answers.
package struct HTTPResponse: Sendable {
  package enum Body: Sendable {
    case bytes([UInt8])
    /// Sent piece by piece, until it ends or the client has gone.
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

/// A body without an end known beforehand. Used from one connection's thread.
package protocol HTTPStream: AnyObject, Sendable {
  /// Blocks until there is something to send, for some seconds at most: a stream that has nothing to tell sends something
  /// meaningless.
  /// - Returns: Not empty; nil at its end.
  func next() -> [UInt8]?
}
