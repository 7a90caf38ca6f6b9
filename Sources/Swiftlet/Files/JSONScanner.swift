import Glibc

/// Walks over JSON text (RFC 8259) in memory. Every byte is checked: what it passes over is JSON too.
struct JSONScanner {
  /// Deeper nesting is refused, so that no line exhausts the stack.
  private static let depthLimit = 128

  let bytes: UnsafeRawBufferPointer
  private(set) var position = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  func error(_ message: String) -> RecordError { RecordError("no JSON at byte \(position): \(message)") }

  var peek: UInt8 { position < bytes.count ? bytes[position] : 0 }

  mutating func skipSpace() {
    while position < bytes.count {
      let byte = bytes[position]
      guard byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d else { return }
      position += 1
    }
  }

  mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  /// Calls `member` for each member of an object, with the raw name between its quotes; `member` must walk over the value.
  mutating func object(_ member: (inout JSONScanner, Range<Int>) throws -> Void) throws {
    guard take("{") else { throw error("expected an object") }
    skipSpace()
    if take("}") { return }
    while true {
      let name = try string()
      skipSpace()
      guard take(":") else { throw error("expected ':'") }
      skipSpace()
      try member(&self, name)
      skipSpace()
      if take("}") { return }
      guard take(",") else { throw error("expected ',' or '}'") }
      skipSpace()
    }
  }

  private mutating func array(_ item: (inout JSONScanner) throws -> Void) throws {
    position += 1
    skipSpace()
    if take("]") { return }
    while true {
      try item(&self)
      skipSpace()
      if take("]") { return }
      guard take(",") else { throw error("expected ',' or ']'") }
      skipSpace()
    }
  }

  mutating func skipValue(depth: Int = 0) throws {
    guard depth < JSONScanner.depthLimit else {
      throw error("nested over \(JSONScanner.depthLimit) levels deep")
    }
    switch peek {
    case UInt8(ascii: "\""): _ = try string()
    case UInt8(ascii: "{"): try object { scanner, _ in try scanner.skipValue(depth: depth + 1) }
    case UInt8(ascii: "["): try array { scanner in try scanner.skipValue(depth: depth + 1) }
    case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"): _ = try scalar()
    default: _ = try skipNumber()
    }
  }

  mutating func value(depth: Int = 0) throws -> FieldValue {
    guard depth < JSONScanner.depthLimit else {
      throw error("nested over \(JSONScanner.depthLimit) levels deep")
    }
    switch peek {
    case UInt8(ascii: "\""): return .string(try JSONForm.decoded(bytes, try string()))
    case UInt8(ascii: "{"):
      var fields: [(name: String, value: FieldValue)] = []
      try object { scanner, name in
        fields.append((try JSONForm.decoded(scanner.bytes, name), try scanner.value(depth: depth + 1)))
      }
      return .record(fields)
    case UInt8(ascii: "["):
      var items: [FieldValue] = []
      try array { scanner in items.append(try scanner.value(depth: depth + 1)) }
      return .list(items)
    default: return try scalar()
    }
  }

  /// - Returns: The raw text between the quotes, its escapes and characters not checked yet.
  mutating func string() throws -> Range<Int> {
    guard take("\"") else { throw error("expected '\"'") }
    let start = position
    while position < bytes.count {
      skipPlainText()
      guard position < bytes.count else { break }
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") {
        position += 1
        return start..<position - 1
      }
      if byte < 0x20 { throw error("a control character in a string") }
      // Whatever is escaped is no end of the string.
      position += byte == UInt8(ascii: "\\") ? 2 : 1
    }
    throw error("a string that does not end")
  }

  /// Passes over characters of a string that mean themselves, eight at a time; may stop before the first that does not.
  private mutating func skipPlainText() {
    while bytes.count - position >= 8 {
      let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
      let ones: UInt64 = 0x0101_0101_0101_0101
      let quote = word ^ (ones &* 0x22)
      let backslash = word ^ (ones &* 0x5c)
      // The top bit of the lowest byte that is a control character, a quote or a backslash; see Bit Twiddling Hacks, "Determine
      // if a word has a byte less than n".
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

  private mutating func scalar() throws -> FieldValue {
    switch peek {
    case UInt8(ascii: "t"): try word("true"); return .bool(true)
    case UInt8(ascii: "f"): try word("false"); return .bool(false)
    case UInt8(ascii: "n"): try word("null"); return .null
    default: return try number()
    }
  }

  private mutating func word(_ word: StaticString) throws {
    let end = position + word.utf8CodeUnitCount
    guard end <= bytes.count, let base = bytes.baseAddress,
      memcmp(base + position, word.utf8Start, word.utf8CodeUnitCount) == 0
    else { throw error("expected \(word)") }
    position = end
  }

  private mutating func digits() -> Int {
    let start = position
    while position < bytes.count, bytes[position] &- UInt8(ascii: "0") < 10 { position += 1 }
    return position - start
  }

  /// - Returns: Whether it is written as an integer.
  private mutating func skipNumber() throws -> Bool {
    _ = take("-")
    let leadingZero = peek == UInt8(ascii: "0")
    let whole = digits()
    guard whole > 0, !(leadingZero && whole > 1) else { throw error("expected a value") }
    var isInteger = true
    if take(".") {
      isInteger = false
      guard digits() > 0 else { throw error("expected a digit") }
    }
    if take("e") || take("E") {
      isInteger = false
      if !take("+") { _ = take("-") }
      guard digits() > 0 else { throw error("expected a digit") }
    }
    return isInteger
  }

  private mutating func number() throws -> FieldValue {
    let start = position
    let isInteger = try skipNumber()
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isInteger, let value = Int64(text) { return .integer(value) }
    if isInteger, let value = UInt64(text) { return .unsigned(value) }
    guard let value = Double(text), value.isFinite else { throw error("a number out of range") }
    return .number(value)
  }
}
