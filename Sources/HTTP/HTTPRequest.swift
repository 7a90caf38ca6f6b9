/// A request that was read completely.
package struct HTTPRequest: Sendable {
  /// As sent: `GET`.
  package let method: String
  /// Decoded, without the query; starts with `/`.
  package let path: String
  /// Decoded; the last value of a repeated name.
  package let query: [String: String]
  /// Names are lowercase.
  package let headers: [String: String]
  package let body: [UInt8]

  package init(
    method: String, path: String, query: [String: String] = [:], headers: [String: String] = [:],
    body: [UInt8] = []
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
  }

  /// The token of `Authorization: Bearer …`.
  package var bearerToken: String? {
    guard let value = headers["authorization"], value.lowercased().hasPrefix("bearer ") else { return nil }
    let token = value.dropFirst("bearer ".count).drop { $0 == " " }
    return token.isEmpty ? nil : String(token)
  }

  /// The `Host` header without the port.
  package var host: String? {
    guard let value = headers["host"], !value.isEmpty else { return nil }
    if value.hasPrefix("[") { return value.firstIndex(of: "]").map { String(value[...$0]) } }
    return String(value.prefix { $0 != ":" })
  }
}

/// Strict percent-decoding (RFC 3986): deviations may be attacks.
package enum PercentEncoding {
  /// - Returns: nil for an invalid escape, invalid UTF-8 or control characters.
  package static func decoded(_ text: String, plusIsSpace: Bool = false) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "%"):
        guard let high = digit(rest.popFirst()), let low = digit(rest.popFirst()) else { return nil }
        bytes.append(high << 4 | low)
      case UInt8(ascii: "+") where plusIsSpace: bytes.append(UInt8(ascii: " "))
      default: bytes.append(byte)
      }
    }
    guard !bytes.contains(where: { $0 < 0x20 || $0 == 0x7f }) else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func digit(_ byte: UInt8?) -> UInt8? {
    switch byte {
    case let byte? where (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte): byte - UInt8(ascii: "0")
    case let byte? where (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte): byte - UInt8(ascii: "a") + 10
    case let byte? where (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(byte): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
