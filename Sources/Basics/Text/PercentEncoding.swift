/// URI encoding as S3 signs it (RFC 3986): all but `A-Z a-z 0-9 - _ . ~` as `%XX` in upper case.
package enum PercentEncoding {
  /// - Parameter keepingSlashes: For paths, whose `/` stay.
  package static func encode(_ text: String, keepingSlashes: Bool = false) -> String {
    var encoded: [UInt8] = []
    encoded.reserveCapacity(text.utf8.count + 16)
    for byte in text.utf8 {
      if isPlain(byte) || keepingSlashes && byte == UInt8(ascii: "/") {
        encoded.append(byte)
      } else {
        encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: encoded, as: UTF8.self)
  }

  /// `a=1&b=`, in the order of the encoded names, as the signature wants it.
  package static func query(_ items: [(name: String, value: String)]) -> String {
    items.map { (encode($0.name), encode($0.value)) }.sorted { $0 < $1 }
      .map { "\($0.0)=\($0.1)" }.joined(separator: "&")
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
      UInt8(ascii: "~"):
      true
    default: false
    }
  }

  private static let digits = Array("0123456789ABCDEF".utf8)
}

extension Sequence<UInt8> {
  /// In lower case.
  package var hexadecimal: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
