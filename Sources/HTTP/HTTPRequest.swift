import Basics

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

extension PercentEncoding {
  /// - Returns: nil for a broken escape, for bytes that are not UTF-8, and for control characters.
  package static func decoded(_ text: String, plusIsSpace: Bool = false) -> String? {
    guard let bytes = bytes(text, plusIsSpace: plusIsSpace),
      !bytes.contains(where: { $0 < 0x20 || $0 == 0x7f })
    else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }
}
