import Basics

/// An address where a peer listens. Text form: `host:port`, `[::1]:7077` for IPv6, or `memory:name` within this process.
package enum Endpoint: Hashable, Sendable, CustomStringConvertible {
  case tcp(host: String, port: Int)
  case memory(String)

  /// - Throws: ``TransportError/invalidEndpoint(_:reason:)``, which says what was expected.
  package init(_ text: String) throws(TransportError) {
    func invalid(_ reason: String) -> TransportError { .invalidEndpoint(text, reason: reason) }
    if text.hasPrefix("memory:") {
      let name = String(text.dropFirst("memory:".count))
      guard !name.isEmpty else { throw invalid("expected a name after memory:") }
      self = .memory(name)
      return
    }
    guard let colon = text.lastIndex(of: ":") else { throw invalid("expected HOST:PORT") }
    var host = text[..<colon]
    let digits = text[text.index(after: colon)...]
    guard let port = Int(digits), (0...65_535).contains(port),
      digits.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 })
    else { throw invalid("expected a port from 0 to 65535 after the last colon, found \"\(digits)\"") }
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      throw invalid("an IPv6 address goes in brackets: [::1]:7077")
    }
    guard !host.isEmpty else { throw invalid("expected a host before the colon, 0.0.0.0 for all addresses") }
    guard !host.utf8.contains(where: { $0 <= 32 || $0 == 0x7f || $0 == 0x5b || $0 == 0x5d || $0 == 0x2f })
    else {
      throw invalid("a host has no spaces, slashes or brackets")
    }
    self = .tcp(host: String(host), port: port)
  }

  package var description: String {
    switch self {
    case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .memory(let name): "memory:\(name)"
    }
  }
}

extension Endpoint: WireCodable {
  package func encode(to writer: inout ByteWriter) { writer.string(description) }

  package init(from reader: inout ByteReader) throws(WireError) {
    let text = try reader.string()
    do throws(TransportError) { try self.init(text) } catch { throw .invalid(error.description) }
  }
}
