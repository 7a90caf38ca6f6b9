import Glibc

/// Bytes that are not JSON.
package struct JSONFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// Offset of the offending byte from the start of the text.
  package let offset: Int
  package let message: String

  package var description: String { "byte \(offset): \(message)" }
}

/// Walks over JSON text (RFC 8259) in memory. Everything that reads JSON here stands on it, but for the event scanner
/// (simdjson). It checks every byte that it passes; escapes and UTF-8 in strings are checked when they are decoded.
package struct JSONScanner {
  /// Deeper nesting is refused, so that no input exhausts the stack.
  package static let depthLimit = 128

  package let bytes: UnsafeRawBufferPointer
  package private(set) var position = 0

  package init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  package func fault(_ message: String, at offset: Int? = nil) -> JSONFault {
    JSONFault(offset: offset ?? position, message: message)
  }

  /// The next byte, 0 at the end.
  package var peek: UInt8 { position < bytes.count ? bytes[position] : 0 }

  package mutating func skipSpace() {
    while position < bytes.count {
      let byte = bytes[position]
      guard byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d else { return }
      position += 1
    }
  }

  package mutating func skip(_ count: Int) { position = min(bytes.count, position + count) }

  package mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  /// Checks that nothing but space follows.
  package mutating func end() throws(JSONFault) {
    skipSpace()
    guard position == bytes.count else { throw fault("unexpected \(found) after the end of the document") }
  }

  /// Calls `member` for each member of an object with the raw name between its quotes; `member` must walk over the value.
  package mutating func object(_ member: (inout JSONScanner, Range<Int>) throws -> Void) throws {
    guard take("{") else { throw fault("expected an object, found \(found)") }
    skipSpace()
    if take("}") { return }
    while true {
      guard peek == UInt8(ascii: "\"") else {
        throw fault(
          peek == UInt8(ascii: "}") ? "a comma before }" : "expected a key in quotes, found \(found)")
      }
      let name = try string()
      skipSpace()
      guard take(":") else {
        throw fault(
          "expected : after the key \"\(String(decoding: bytes[name], as: UTF8.self))\", found \(found)")
      }
      skipSpace()
      try member(&self, name)
      skipSpace()
      if take("}") { return }
      guard take(",") else { throw fault("expected , or } in an object, found \(found)") }
      skipSpace()
    }
  }

  /// Calls `item` at each item of an array; it must walk over the value.
  package mutating func array(_ item: (inout JSONScanner) throws -> Void) throws {
    guard take("[") else { throw fault("expected an array, found \(found)") }
    skipSpace()
    if take("]") { return }
    while true {
      try item(&self)
      skipSpace()
      if take("]") { return }
      guard take(",") else { throw fault("expected , or ] in an array, found \(found)") }
      skipSpace()
      if peek == UInt8(ascii: "]") { throw fault("a comma before ]") }
    }
  }

  package func checkDepth(_ depth: Int) throws(JSONFault) {
    guard depth < JSONScanner.depthLimit else {
      throw fault("nested deeper than \(JSONScanner.depthLimit) levels")
    }
  }

  package mutating func skipValue(depth: Int = 0) throws {
    try checkDepth(depth)
    switch peek {
    case UInt8(ascii: "\""): _ = try string()
    case UInt8(ascii: "{"): try object { scanner, _ in try scanner.skipValue(depth: depth + 1) }
    case UInt8(ascii: "["): try array { scanner in try scanner.skipValue(depth: depth + 1) }
    case UInt8(ascii: "t"): try word("true")
    case UInt8(ascii: "f"): try word("false")
    case UInt8(ascii: "n"): try word("null")
    default: _ = try skipNumber()
    }
  }

  /// - Returns: The raw text between the quotes; its escapes are not checked yet.
  package mutating func string() throws(JSONFault) -> Range<Int> {
    let opening = position
    guard take("\"") else { throw fault("expected a string, found \(found)") }
    let start = position
    while position < bytes.count {
      skipPlainText()
      guard position < bytes.count else { break }
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") {
        position += 1
        return start..<position - 1
      }
      if byte == 0x0a || byte == 0x0d { throw fault("a string that is not closed on its line", at: opening) }
      if byte < 0x20 { throw fault("a control character in a string; write it as an escape") }
      // An escaped character never ends the string.
      position += byte == UInt8(ascii: "\\") ? 2 : 1
    }
    throw fault("a string that is never closed", at: opening)
  }

  /// Passes characters of a string that mean themselves, eight at a time; may stop before the first that does not.
  private mutating func skipPlainText() {
    while bytes.count - position >= 8 {
      let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
      let ones: UInt64 = 0x0101_0101_0101_0101
      let quote = word ^ (ones &* 0x22)
      let backslash = word ^ (ones &* 0x5c)
      // The top bit of the lowest byte that is a control character, a quote or a backslash; see Bit Twiddling Hacks,
      // "Determine if a word has a byte less than n".
      let special =
        ((word &- ones &* 0x20) & ~word | (quote &- ones) & ~quote | (backslash &- ones) & ~backslash)
        & (ones &* 0x80)
      guard special == 0 else {
        position += special.trailingZeroBitCount / 8
        return
      }
      position += 8
    }
  }

  package enum Scalar {
    case null
    case bool(Bool)
    case integer(Int64)
    /// Over the largest `Int64`.
    case unsigned(UInt64)
    case number(Double)
  }

  /// Anything but a string, an object or an array.
  package mutating func scalar() throws(JSONFault) -> Scalar {
    switch peek {
    case UInt8(ascii: "t"):
      try word("true")
      return .bool(true)
    case UInt8(ascii: "f"):
      try word("false")
      return .bool(false)
    case UInt8(ascii: "n"):
      try word("null")
      return .null
    default: return try number()
    }
  }

  private mutating func word(_ word: StaticString) throws(JSONFault) {
    let end = position + word.utf8CodeUnitCount
    guard end <= bytes.count, let base = bytes.baseAddress,
      memcmp(base + position, word.utf8Start, word.utf8CodeUnitCount) == 0
    else { throw fault("expected a value, found \(found)") }
    position = end
  }

  private mutating func digits() -> Int {
    let start = position
    while position < bytes.count, bytes[position] &- UInt8(ascii: "0") < 10 { position += 1 }
    return position - start
  }

  /// - Returns: Whether it is written as an integer.
  private mutating func skipNumber() throws(JSONFault) -> Bool {
    let start = position
    let isNegative = take("-")
    let leadingZero = peek == UInt8(ascii: "0")
    let whole = digits()
    guard whole > 0, !(leadingZero && whole > 1) else {
      if !isNegative, whole == 0 { throw fault("expected a value, found \(found)") }
      throw fault("not a JSON number", at: start)
    }
    var isInteger = true
    if take(".") {
      isInteger = false
      guard digits() > 0 else { throw fault("a digit must follow the decimal point, found \(found)") }
    }
    if take("e") || take("E") {
      isInteger = false
      if !take("+") { _ = take("-") }
      guard digits() > 0 else { throw fault("a digit must follow the exponent, found \(found)") }
    }
    return isInteger
  }

  private mutating func number() throws(JSONFault) -> Scalar {
    let start = position
    let isInteger = try skipNumber()
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isInteger, let value = Int64(text) { return .integer(value) }
    if isInteger, let value = UInt64(text) { return .unsigned(value) }
    guard let value = Double(text), value.isFinite else { throw fault("number out of range", at: start) }
    return .number(value)
  }

  /// The next character, for errors.
  package var found: String {
    guard position < bytes.count else { return "the end of the text" }
    let rest = String(decoding: bytes[position..<min(position + 4, bytes.count)], as: UTF8.self)
    guard let scalar = rest.unicodeScalars.first else { return "nothing" }
    if scalar == "/" { return "'/' (JSON has no comments)" }
    return scalar == "\n" || scalar == "\r"
      ? "a line end" : scalar.value < 0x20 ? "a control character" : "'\(scalar)'"
  }
}
