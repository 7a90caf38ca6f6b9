/// A syntax error in JSON text, with its position.
package struct JSONSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Start at 1. Columns count Unicode scalars.
  package let line: Int
  package let column: Int
  package let message: String

  package var description: String { "\(line):\(column): \(message)" }
}

/// Parses small documents written by people. Foundation's decoder reports neither duplicate keys nor, in a usable form,
/// the position of a mistake; both matter more here than speed.
struct JSONParser {
  /// Deeper nesting is refused, so that no input exhausts the stack.
  private static let depthLimit = 128

  private let bytes: [UInt8]
  private var position = 0

  init(_ text: String) { bytes = Array(text.utf8) }

  mutating func document() throws(JSONSyntaxError) -> JSONValue {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    skipSpace()
    if position == bytes.count { throw error("the file is empty") }
    let value = try value(depth: 0)
    skipSpace()
    guard position == bytes.count else { throw error("unexpected \(found) after the end of the document") }
    return value
  }

  private mutating func value(depth: Int) throws(JSONSyntaxError) -> JSONValue {
    guard depth < JSONParser.depthLimit else {
      throw error("nested deeper than \(JSONParser.depthLimit) levels")
    }
    switch peek {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case let byte? where byte == UInt8(ascii: "-") || JSONParser.isDigit(byte): return try number()
    default: break
    }
    for (word, value) in [("true", JSONValue.bool(true)), ("false", .bool(false)), ("null", .null)]
    where bytes[position...].starts(with: word.utf8) {
      position += word.utf8.count
      return value
    }
    throw error("expected a value, found \(found)")
  }

  private mutating func object(depth: Int) throws(JSONSyntaxError) -> JSONValue {
    var members: [String: JSONValue] = [:]
    position += 1
    skipSpace()
    if take("}") { return .object(members) }
    while true {
      guard peek == UInt8(ascii: "\"") else {
        throw error(
          peek == UInt8(ascii: "}") ? "a comma before }" : "expected a key in quotes, found \(found)")
      }
      let start = position
      let key = try string()
      skipSpace()
      guard take(":") else { throw error("expected : after the key \(JSONText.quoted(key)), found \(found)") }
      skipSpace()
      guard members.updateValue(try value(depth: depth + 1), forKey: key) == nil else {
        throw error("the key \(JSONText.quoted(key)) appears twice", at: start)
      }
      skipSpace()
      if take("}") { return .object(members) }
      guard take(",") else { throw error("expected , or } in an object, found \(found)") }
      skipSpace()
    }
  }

  private mutating func array(depth: Int) throws(JSONSyntaxError) -> JSONValue {
    var items: [JSONValue] = []
    position += 1
    skipSpace()
    if take("]") { return .array(items) }
    while true {
      if !items.isEmpty, peek == UInt8(ascii: "]") { throw error("a comma before ]") }
      items.append(try value(depth: depth + 1))
      skipSpace()
      if take("]") { return .array(items) }
      guard take(",") else { throw error("expected , or ] in an array, found \(found)") }
      skipSpace()
    }
  }

  private mutating func number() throws(JSONSyntaxError) -> JSONValue {
    let start = position
    var isInteger = true
    _ = take("-")
    let leadingZero = peek == UInt8(ascii: "0")
    let whole = digits()
    if whole == 0 || leadingZero && whole > 1 { throw error("not a JSON number", at: start) }
    if take(".") {
      isInteger = false
      if digits() == 0 { throw error("expected a digit after the decimal point, found \(found)") }
    }
    if take("e") || take("E") {
      isInteger = false
      if !take("+") { _ = take("-") }
      if digits() == 0 { throw error("expected a digit after the exponent, found \(found)") }
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isInteger, let integer = Int64(text) { return .integer(integer) }
    guard let number = Double(text), number.isFinite else { throw error("number out of range", at: start) }
    return .number(number)
  }

  private mutating func digits() -> Int {
    let start = position
    while let byte = peek, JSONParser.isDigit(byte) { position += 1 }
    return position - start
  }

  private static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

  private mutating func string() throws(JSONSyntaxError) -> String {
    let opening = position
    position += 1
    var text: [UInt8] = []
    while let byte = peek {
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        let start = position
        position += 1
        guard let scalar = try escape() else { throw error("unknown escape in a string", at: start) }
        text.append(contentsOf: Array(String(Character(scalar)).utf8))
      case 0..<0x20:
        let isLineEnd = byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
        throw isLineEnd
          ? error("a string that is not closed on its line", at: opening)
          : error("a control character in a string; write it as an escape")
      default:
        text.append(byte)
        position += 1
      }
    }
    throw error("a string that is never closed", at: opening)
  }

  /// Decodes an escape after a backslash; nil if it is not valid JSON.
  private mutating func escape() throws(JSONSyntaxError) -> Unicode.Scalar? {
    guard let byte = peek else { return nil }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): break
    default: return nil
    }
    guard let first = hexadecimal() else { return nil }
    guard 0xD800..<0xDC00 ~= first else { return Unicode.Scalar(first) }
    guard take("\\"), take("u"), let second = hexadecimal(), 0xDC00..<0xE000 ~= second else { return nil }
    return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
  }

  private mutating func hexadecimal() -> UInt32? {
    guard position + 4 <= bytes.count else { return nil }
    var value: UInt32 = 0
    for byte in bytes[position..<position + 4] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
      value = value << 4 | UInt32(digit)
    }
    position += 4
    return value
  }

  private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = peek, [0x20, 0x0A, 0x0D, 0x09].contains(byte) { position += 1 }
  }

  private var found: String {
    guard position < bytes.count else { return "the end of the file" }
    let rest = String(decoding: bytes[position..<min(position + 4, bytes.count)], as: UTF8.self)
    guard let scalar = rest.unicodeScalars.first else { return "nothing" }
    if scalar == "/" { return "'/' (JSON has no comments)" }
    return scalar.value < 0x20 ? "a line end" : "'\(scalar)'"
  }

  private func error(_ message: String, at place: Int? = nil) -> JSONSyntaxError {
    let before = bytes[..<(place ?? position)]
    let line = before.count { $0 == UInt8(ascii: "\n") } + 1
    let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    // UTF-8 continuation bytes do not start a scalar.
    let column = before[lineStart...].count { $0 & 0xC0 != 0x80 } + 1
    return JSONSyntaxError(line: line, column: column, message: message)
  }
}
