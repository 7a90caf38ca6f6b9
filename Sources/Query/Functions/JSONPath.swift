import Basics
import Columns

/// Walks to a value inside JSON text without building it.
enum JSONPath {
  enum Step {
    case key(String)
    /// From 0; negative from the end.
    case index(Int)
    /// A text of a path: a key of an object, or a number for an array.
    case either(String)
  }

  /// The raw text of the value at the end of the path; nil if there is none, or if the text is not JSON up to there.
  static func find(_ json: UnsafeRawBufferPointer, _ path: [Step]) -> UnsafeRawBufferPointer? {
    var json = json
    for step in path {
      var scanner = JSONScanner(json)
      scanner.skipSpace()
      guard let range = try? find(&scanner, step) else { return nil }
      json = UnsafeRawBufferPointer(rebasing: json[range])
    }
    return json
  }

  private static func find(_ scanner: inout JSONScanner, _ step: Step) throws -> Range<Int>? {
    switch (scanner.peek, step) {
    case (UInt8(ascii: "{"), .key(let key)), (UInt8(ascii: "{"), .either(let key)):
      var found: Range<Int>?
      try scanner.object { scanner, name in
        let start = scanner.position
        try scanner.skipValue()
        // The last of several members with one name counts, as in PostgreSQL's jsonb.
        if try matches(scanner, name, key) { found = start..<scanner.position }
      }
      return found
    case (UInt8(ascii: "["), .index(let index)):
      return try item(&scanner, index)
    case (UInt8(ascii: "["), .either(let text)):
      return try Int(text).flatMap { try item(&scanner, $0) }
    default: return nil
    }
  }

  private static func matches(_ scanner: JSONScanner, _ name: Range<Int>, _ key: String) throws -> Bool {
    let raw = UnsafeRawBufferPointer(rebasing: scanner.bytes[name])
    if !raw.contains(UInt8(ascii: "\\")) {
      var key = key
      return key.withUTF8 { ByteText.isEqual(raw, UnsafeRawBufferPointer($0)) }
    }
    return try scanner.decoded(name).utf8.elementsEqual(key.utf8)
  }

  private static func item(_ scanner: inout JSONScanner, _ index: Int) throws -> Range<Int>? {
    var items: [Range<Int>] = []
    var count = 0
    var found: Range<Int>?
    try scanner.array { scanner in
      let start = scanner.position
      try scanner.skipValue()
      if index < 0 { items.append(start..<scanner.position) }
      if count == index { found = start..<scanner.position }
      count += 1
    }
    return index < 0 && items.count + index >= 0 ? items[items.count + index] : found
  }

  /// Appends a value as text: a string without quotes and escapes, anything else as it is.
  /// - Returns: false for JSON's null and for text that is not JSON.
  static func appendText(_ json: UnsafeRawBufferPointer, to bytes: inout [UInt8]) -> Bool {
    var scanner = JSONScanner(json)
    scanner.skipSpace()
    if scanner.peek == UInt8(ascii: "n") { return false }
    guard scanner.peek == UInt8(ascii: "\"") else {
      bytes += ValueParser.trimmed(json)
      return true
    }
    guard let range = try? scanner.string(), let text = try? scanner.decoded(range) else { return false }
    bytes += text.utf8
    return true
  }
}
