/// ``JSONValue`` as text (RFC 8259).
package enum JSONText {
  /// One line, keys sorted by bytes, so that equal values have equal text. NaN and infinities, which JSON lacks,
  /// become null.
  package static func compact(_ value: JSONValue) -> String {
    var text = ""
    write(value, indent: nil, to: &text)
    return text
  }

  /// Indented by two spaces, one key per line; a short array of scalars stays on one line. No trailing newline.
  package static func pretty(_ value: JSONValue) -> String {
    var text = ""
    write(value, indent: 0, to: &text)
    return text
  }

  /// - Throws: ``JSONSyntaxError``.
  package static func parse(_ text: String) throws(JSONSyntaxError) -> JSONValue {
    var parser = JSONParser(text)
    return try parser.document()
  }

  package static func quoted(_ string: String) -> String {
    var text = "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case _ where scalar.value < 0x20 || scalar.value == 0x7f:
        let hex = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }

  private static func write(_ value: JSONValue, indent: Int?, to text: inout String) {
    switch value {
    case .null: text += "null"
    case .bool(let flag): text += flag ? "true" : "false"
    case .integer(let number): text += String(number)
    case .number(let number): text += number.isFinite ? "\(number)" : "null"
    case .string(let string): text += quoted(string)
    case .array(let items):
      let inline = indent == nil || items.allSatisfy(\.isPlain) && compact(value).utf8.count <= 80
      list(items, "[]", indent: inline ? nil : indent, spaced: indent != nil, to: &text) {
        item, depth, text in
        write(item, indent: depth, to: &text)
      }
    case .object(let members):
      let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      list(sorted, "{}", indent: indent, spaced: false, to: &text) { member, depth, text in
        text += quoted(member.key) + (indent == nil ? ":" : ": ")
        write(member.value, indent: depth, to: &text)
      }
    }
  }

  private static func list<Item>(
    _ items: [Item], _ brackets: String, indent: Int?, spaced: Bool, to text: inout String,
    _ item: (Item, _ indent: Int?, inout String) -> Void
  ) {
    text.append(contentsOf: brackets.prefix(1))
    let inner = indent.map { $0 + 2 }
    for (index, element) in items.enumerated() {
      if index > 0 { text += spaced && indent == nil ? ", " : "," }
      if let inner { text += "\n" + String(repeating: " ", count: inner) }
      item(element, inner, &text)
    }
    if let indent, !items.isEmpty { text += "\n" + String(repeating: " ", count: indent) }
    text.append(contentsOf: brackets.suffix(1))
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
