/// An element of a small XML document, as S3 and STS answer: elements and text. Attributes and comments are passed over, a DTD is
/// refused, and so is what is nested or large beyond reason: the bytes come from outside.
package struct XMLElement: Hashable, Sendable {
  /// Without its prefix.
  package let name: String
  package fileprivate(set) var children: [XMLElement] = []
  /// All the text directly in it.
  package fileprivate(set) var text = ""

  fileprivate init(name: String) { self.name = name }

  /// The first child of that name.
  package subscript(name: String) -> XMLElement? { children.first { $0.name == name } }

  package func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }

  /// Parses a whole document.
  package init(_ document: [UInt8]) throws(XMLError) {
    var parser = XMLParser(bytes: document)
    self = try parser.document()
  }
}

package struct XMLError: Error, Hashable, Sendable, CustomStringConvertible {
  package let message: String
  /// In the document.
  package let offset: Int
  package var description: String { "malformed XML at byte \(offset): \(message)" }
}

private struct XMLParser {
  private static let maxDepth = 32
  /// A page of a listing has 1000 objects of some ten elements.
  private static let maxElements = 200_000

  let bytes: [UInt8]
  private var at = 0
  private var elements = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func document() throws(XMLError) -> XMLElement {
    if starts(with: [0xEF, 0xBB, 0xBF]) { at += 3 }
    try skipMisc()
    guard starts(with: "<") else { throw fault("expected an element") }
    let root = try element()
    try skipMisc()
    guard at == bytes.count else { throw fault("something after the end") }
    return root
  }

  /// One element with all that is in it. A stack of its own instead of recursion.
  private mutating func element() throws(XMLError) -> XMLElement {
    var open: [XMLElement] = []
    while true {
      if starts(with: "<!--") {
        try skip(past: "-->")
      } else if starts(with: "<![CDATA[") {
        guard !open.isEmpty else { throw fault("text outside of an element") }
        at += 9
        let start = at
        try skip(past: "]]>")
        open[open.count - 1].text += try text(start..<at - 3)
      } else if starts(with: "<?") {
        try skip(past: "?>")
      } else if starts(with: "<!") {
        throw fault("a document type is not accepted")
      } else if starts(with: "</") {
        at += 2
        let name = try name()
        skipSpace()
        try expect(">")
        guard let closed = open.popLast(), closed.name == name else { throw fault("unexpected </\(name)>") }
        guard !open.isEmpty else { return closed }
        open[open.count - 1].children.append(closed)
      } else if starts(with: "<") {
        at += 1
        elements += 1
        guard open.count < XMLParser.maxDepth else { throw fault("nested too deep") }
        guard elements <= XMLParser.maxElements else { throw fault("too many elements") }
        let new = XMLElement(name: try name())
        if try skipAttributes() {
          guard !open.isEmpty else { return new }
          open[open.count - 1].children.append(new)
        } else {
          open.append(new)
        }
      } else {
        guard !open.isEmpty, at < bytes.count else { throw fault("ends in the middle") }
        let start = at
        while at < bytes.count, bytes[at] != UInt8(ascii: "<") { at += 1 }
        open[open.count - 1].text += try unescaped(start..<at)
      }
    }
  }

  private mutating func name() throws(XMLError) -> String {
    let start = at
    while at < bytes.count, !" \t\r\n/>=<\"'&".utf8.contains(bytes[at]) { at += 1 }
    guard at > start, at - start <= 256 else { throw fault("expected a name") }
    let whole = try text(start..<at)
    return whole.lastIndex(of: ":").map { String(whole[whole.index(after: $0)...]) } ?? whole
  }

  /// - Returns: Whether the element ends here, with `/>`.
  private mutating func skipAttributes() throws(XMLError) -> Bool {
    while true {
      skipSpace()
      guard at < bytes.count else { throw fault("ends in a tag") }
      if starts(with: ">") {
        at += 1
        return false
      }
      if starts(with: "/>") {
        at += 2
        return true
      }
      _ = try name()
      skipSpace()
      try expect("=")
      skipSpace()
      guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") || bytes[at] == UInt8(ascii: "'") else {
        throw fault("expected a quoted value")
      }
      let quote = bytes[at]
      at += 1
      while at < bytes.count, bytes[at] != quote { at += 1 }
      guard at < bytes.count else { throw fault("ends in a value") }
      at += 1
    }
  }

  private func unescaped(_ range: Range<Int>) throws(XMLError) -> String {
    guard bytes[range].contains(UInt8(ascii: "&")) else { return try text(range) }
    var result = ""
    var position = range.lowerBound
    while position < range.upperBound {
      guard let mark = bytes[position..<range.upperBound].firstIndex(of: UInt8(ascii: "&")) else { break }
      result += try text(position..<mark)
      guard let end = bytes[mark..<min(mark + 12, range.upperBound)].firstIndex(of: UInt8(ascii: ";")),
        let character = XMLParser.entity(try text(mark + 1..<end))
      else { throw fault("an unknown entity", at: mark) }
      result.unicodeScalars.append(character)
      position = end + 1
    }
    return result + (try text(position..<range.upperBound))
  }

  private static func entity(_ name: String) -> Unicode.Scalar? {
    switch name {
    case "amp": "&"
    case "lt": "<"
    case "gt": ">"
    case "quot": "\""
    case "apos": "'"
    default:
      if name.hasPrefix("#x") || name.hasPrefix("#X") {
        UInt32(name.dropFirst(2), radix: 16).flatMap(Unicode.Scalar.init)
      } else if name.hasPrefix("#") {
        UInt32(name.dropFirst()).flatMap(Unicode.Scalar.init)
      } else {
        nil
      }
    }
  }

  private func text(_ range: Range<Int>) throws(XMLError) -> String {
    // Repaired text would be another key.
    guard let text = String(validating: bytes[range], as: UTF8.self) else {
      throw fault("text that is not UTF-8", at: range.lowerBound)
    }
    return text
  }

  private mutating func skipMisc() throws(XMLError) {
    while true {
      skipSpace()
      if starts(with: "<?") {
        try skip(past: "?>")
      } else if starts(with: "<!--") {
        try skip(past: "-->")
      } else if starts(with: "<!") {
        throw fault("a document type is not accepted")
      } else {
        return
      }
    }
  }

  private mutating func skipSpace() {
    while at < bytes.count, " \t\r\n".utf8.contains(bytes[at]) { at += 1 }
  }

  private mutating func skip(past mark: String) throws(XMLError) {
    while at < bytes.count, !starts(with: mark) { at += 1 }
    guard at < bytes.count else { throw fault("expected \(mark)") }
    at += mark.utf8.count
  }

  private mutating func expect(_ mark: String) throws(XMLError) {
    guard starts(with: mark) else { throw fault("expected \(mark)") }
    at += mark.utf8.count
  }

  private func starts(with mark: String) -> Bool { bytes[at...].starts(with: mark.utf8) }

  private func starts(with mark: [UInt8]) -> Bool { bytes[at...].starts(with: mark) }

  private func fault(_ message: String, at offset: Int? = nil) -> XMLError {
    XMLError(message: message, offset: offset ?? at)
  }
}
