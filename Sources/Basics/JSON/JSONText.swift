/// ``JSONValue`` and strings as text (RFC 8259), and back.
package enum JSONText {
  /// One line, keys sorted by bytes, so that equal values have equal text. NaN and infinities, which JSON lacks,
  /// become null.
  package static func compact(_ value: JSONValue) -> String {
    var text: [UInt8] = []
    write(value, indent: nil, to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  /// Indented by two spaces, one key per line; a short array of scalars stays on one line. No trailing newline.
  package static func pretty(_ value: JSONValue) -> String {
    var text: [UInt8] = []
    write(value, indent: 0, to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  package static func parse(_ text: String) throws(JSONSyntaxError) -> JSONValue {
    try parse(Array(text.utf8))
  }

  package static func parse(_ bytes: [UInt8]) throws(JSONSyntaxError) -> JSONValue {
    try bytes.withUnsafeBufferPointer { (bytes) throws(JSONSyntaxError) in
      try JSONParser.document(UnsafeRawBufferPointer(bytes))
    }
  }

  package static func quoted(_ string: String) -> String {
    var text: [UInt8] = []
    append(string, to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  /// Appends a string with its quotes and escapes.
  package static func append(_ string: String, to text: inout [UInt8]) {
    text.append(0x22)
    for byte in string.utf8 {
      switch byte {
      case 0x22, 0x5c: text += [0x5c, byte]
      case 0x0a: text += "\\n".utf8
      case 0x0d: text += "\\r".utf8
      case 0x09: text += "\\t".utf8
      case 0..<0x20, 0x7f:
        text += "\\u00".utf8
        text += [hexDigits[Int(byte >> 4)], hexDigits[Int(byte & 15)]]
      default: text.append(byte)
      }
    }
    text.append(0x22)
  }

  private static let hexDigits = Array("0123456789abcdef".utf8)

  private static func write(_ value: JSONValue, indent: Int?, to text: inout [UInt8]) {
    switch value {
    case .null: text += "null".utf8
    case .bool(let flag): text += (flag ? "true" : "false").utf8
    case .integer(let number): text += String(number).utf8
    case .number(let number): text += (number.isFinite ? "\(number)" : "null").utf8
    case .string(let string): append(string, to: &text)
    case .array(let items):
      let inline = indent == nil || items.allSatisfy(\.isPlain) && compact(value).utf8.count <= 80
      list(items, "[]", indent: inline ? nil : indent, spaced: indent != nil, to: &text) {
        item, depth, text in
        write(item, indent: depth, to: &text)
      }
    case .object(let members):
      let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      list(sorted, "{}", indent: indent, spaced: false, to: &text) { member, depth, text in
        append(member.key, to: &text)
        text += (indent == nil ? ":" : ": ").utf8
        write(member.value, indent: depth, to: &text)
      }
    }
  }

  private static func list<Item>(
    _ items: [Item], _ brackets: String, indent: Int?, spaced: Bool, to text: inout [UInt8],
    _ item: (Item, _ indent: Int?, inout [UInt8]) -> Void
  ) {
    text += brackets.utf8.prefix(1)
    let inner = indent.map { $0 + 2 }
    for (index, element) in items.enumerated() {
      if index > 0 { text += (spaced && indent == nil ? ", " : ",").utf8 }
      if let inner { text += ("\n" + String(repeating: " ", count: inner)).utf8 }
      item(element, inner, &text)
    }
    if let indent, !items.isEmpty { text += ("\n" + String(repeating: " ", count: indent)).utf8 }
    text += brackets.utf8.suffix(1)
  }
}

extension JSONValue {
  /// Neither an array nor an object.
  fileprivate var isPlain: Bool {
    switch self {
    case .array, .object: false
    default: true
    }
  }
}
