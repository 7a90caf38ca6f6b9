import Glibc

extension JSONScanner {
  /// The text of a string whose raw form lies between two quotes.
  /// - Throws: ``JSONFault`` for a broken escape or bytes that are not UTF-8.
  package func decoded(_ range: Range<Int>) throws(JSONFault) -> String {
    let raw = UnsafeRawBufferPointer(rebasing: bytes[range])
    var text: String?
    if let start = raw.baseAddress, memchr(start, 0x5c, raw.count) != nil {
      text = String(validating: try unescaped(range), as: UTF8.self)
    } else {
      text = JSONScanner.validated(raw)
    }
    guard let text else { throw fault("a string that is not UTF-8", at: range.lowerBound) }
    return text
  }

  /// nil if the bytes are not UTF-8.
  package static func validated(_ bytes: UnsafeRawBufferPointer) -> String? {
    var index = 0
    var high: UInt64 = 0
    while bytes.count - index >= 8 {
      high |= bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      index += 8
    }
    while index < bytes.count {
      high |= UInt64(bytes[index])
      index += 1
    }
    // Most text is ASCII, which does not need the library's slow validation.
    if high & 0x8080_8080_8080_8080 == 0 { return String(decoding: bytes, as: UTF8.self) }
    return String(validating: bytes, as: UTF8.self)
  }

  private func unescaped(_ range: Range<Int>) throws(JSONFault) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(range.count)
    var index = range.lowerBound
    while index < range.upperBound {
      guard bytes[index] == 0x5c else {
        text.append(bytes[index])
        index += 1
        continue
      }
      let start = index
      index += 2
      switch index <= range.upperBound ? bytes[index - 1] : 0 {
      case UInt8(ascii: "\""): text.append(0x22)
      case UInt8(ascii: "\\"): text.append(0x5c)
      case UInt8(ascii: "/"): text.append(0x2f)
      case UInt8(ascii: "b"): text.append(0x08)
      case UInt8(ascii: "f"): text.append(0x0c)
      case UInt8(ascii: "n"): text.append(0x0a)
      case UInt8(ascii: "r"): text.append(0x0d)
      case UInt8(ascii: "t"): text.append(0x09)
      case UInt8(ascii: "u"):
        guard let scalar = scalar(&index, range.upperBound) else {
          throw fault("a broken \\u escape in a string", at: start)
        }
        text.append(contentsOf: Array(String(Character(scalar)).utf8))
      default: throw fault("unknown escape in a string", at: start)
      }
    }
    return text
  }

  /// The character of `\uXXXX`, or of a pair of surrogates, whose digits begin at `index`.
  private func scalar(_ index: inout Int, _ end: Int) -> Unicode.Scalar? {
    guard let first = hexadecimal(&index, end) else { return nil }
    guard 0xD800..<0xDC00 ~= first else { return Unicode.Scalar(first) }
    guard index + 2 <= end, bytes[index] == 0x5c, bytes[index + 1] == UInt8(ascii: "u") else { return nil }
    index += 2
    guard let second = hexadecimal(&index, end), 0xDC00..<0xE000 ~= second else { return nil }
    return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
  }

  private func hexadecimal(_ index: inout Int, _ end: Int) -> UInt32? {
    guard index + 4 <= end else { return nil }
    var value: UInt32 = 0
    for byte in bytes[index..<index + 4] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
      value = value << 4 | UInt32(digit)
    }
    index += 4
    return value
  }
}
