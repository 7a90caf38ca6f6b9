import Basics
import OpenSSL

/// AWS Signature Version 4 in the `Authorization` header. A pure function of the request, the credentials and the time.
package struct Signature: Sendable {
  package let region: String
  /// `s3`, `sts`.
  package let service: String
  package let accessKey: String
  package let secretKey: String

  package init(region: String, service: String, accessKey: String, secretKey: String) {
    self.region = region
    self.service = service
    self.accessKey = accessKey
    self.secretKey = secretKey
  }

  /// - Parameters:
  ///   - path: Percent-encoded, as it goes out.
  ///   - query: Encoded and sorted: ``PercentEncoding/query(_:)``.
  ///   - headers: All are signed; must contain `host` and `x-amz-date`. Names in any case.
  ///   - payloadHash: The SHA-256 of the body in hexadecimal, or `UNSIGNED-PAYLOAD`.
  ///   - time: `20130524T000000Z`.
  /// - Returns: The value of `Authorization`; nil if out of memory.
  package func authorization(
    method: String, path: String, query: String, headers: [(name: String, value: String)],
    payloadHash: String, time: String
  ) -> String? {
    let sorted = headers.map { ($0.name.lowercased(), Signature.trimmed($0.value)) }.sorted { $0.0 < $1.0 }
    let names = sorted.map(\.0).joined(separator: ";")
    let canonical =
      "\(method)\n\(path)\n\(query)\n" + sorted.map { "\($0.0):\($0.1)\n" }.joined()
      + "\n\(names)\n\(payloadHash)"
    let scope = "\(time.prefix(8))/\(region)/\(service)/aws4_request"
    guard let hash = Signature.hash(canonical), let key = signingKey(date: String(time.prefix(8))),
      let signature = Crypto.hmacSHA256(key: key, Array("AWS4-HMAC-SHA256\n\(time)\n\(scope)\n\(hash)".utf8))
    else { return nil }
    return "AWS4-HMAC-SHA256 Credential=\(accessKey)/\(scope),SignedHeaders=\(names),"
      + "Signature=\(signature.hexadecimal)"
  }

  /// - Parameter date: `20130524`.
  package func signingKey(date: String) -> [UInt8]? {
    var key = Array("AWS4\(secretKey)".utf8)
    for part in [date, region, service, "aws4_request"] {
      guard let next = Crypto.hmacSHA256(key: key, Array(part.utf8)) else { return nil }
      key = next
    }
    return key
  }

  /// Trims white space, and replaces runs of it by one space.
  private static func trimmed(_ value: String) -> String {
    value.split(whereSeparator: { $0 == " " || $0 == "\t" }).joined(separator: " ")
  }

  /// The SHA-256 in hexadecimal.
  package static func hash(_ text: String) -> String? {
    Array(text.utf8).withUnsafeBytes { Crypto.sha256($0)?.hexadecimal }
  }

  package static let emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
}

/// `20130524T000000Z` from seconds since 1970 UTC.
package enum SigningTime {
  package static func text(_ seconds: Int64) -> String {
    let text = ISO8601.text(seconds * 1000)
    return text.prefix { $0 != "." }.filter { $0 != "-" && $0 != ":" } + "Z"
  }
}
