import CExpat

/// An element of a small XML document, as S3 and STS answer: elements and text; attributes and comments are dropped. libexpat parses. The
/// bytes come from outside: a document type (and with it every entity bomb), and nesting or size beyond reason, are refused.
package struct XMLElement: Hashable, Sendable {
  /// Without its namespace prefix.
  package let name: String
  package fileprivate(set) var children: [XMLElement] = []
  /// All text directly in it.
  package var text: String { String(decoding: bytes, as: UTF8.self) }
  /// UTF-8, which libexpat has checked.
  fileprivate var bytes: [UInt8] = []

  fileprivate init(name: String) { self.name = name }

  /// The first child of that name.
  package subscript(name: String) -> XMLElement? { children.first { $0.name == name } }

  package func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }

  /// Parses a whole document.
  package init(_ document: [UInt8]) throws(XMLError) {
    guard document.count <= 64 << 20 else { throw XMLError(message: "too large", offset: 0) }
    self = try XMLReader.read(document)
  }
}

package struct XMLError: Error, Hashable, Sendable, CustomStringConvertible {
  package let message: String
  /// In the document.
  package let offset: Int
  package var description: String { "malformed XML at byte \(offset): \(message)" }
}

/// What libexpat calls back with, put together.
private final class XMLReader {
  private static let maxDepth = 32
  /// A page of a listing has 1000 objects of some ten elements.
  private static let maxElements = 200_000

  private let parser: XML_Parser
  private var open: [XMLElement] = []
  private var root: XMLElement?
  private var elements = 0
  private var problem: String?

  private init(_ parser: XML_Parser) { self.parser = parser }

  static func read(_ document: [UInt8]) throws(XMLError) -> XMLElement {
    // Whatever the document claims, text that is not UTF-8 would be another key.
    guard let parser = XML_ParserCreate("UTF-8") else { throw XMLError(message: "no memory", offset: 0) }
    defer { XML_ParserFree(parser) }
    let reader = XMLReader(parser)
    XML_SetUserData(parser, Unmanaged.passUnretained(reader).toOpaque())
    XML_SetElementHandler(
      parser, { own, name, _ in XMLReader.of(own)?.begin(name) }, { own, _ in XMLReader.of(own)?.end() })
    XML_SetCharacterDataHandler(parser) { own, text, count in XMLReader.of(own)?.append(text, Int(count)) }
    XML_SetStartDoctypeDeclHandler(parser) { own, _, _, _, _ in
      XMLReader.of(own)?.stop("a document type is not accepted")
    }
    let status = withExtendedLifetime(reader) {
      document.withUnsafeBytes {
        XML_Parse(parser, $0.baseAddress?.assumingMemoryBound(to: CChar.self), Int32($0.count), 1)
      }
    }
    guard status == XML_STATUS_OK, let root = reader.root else {
      let reason = XML_ErrorString(XML_GetErrorCode(parser)).map { String(cString: $0) }
      throw XMLError(
        message: reader.problem ?? reason ?? "no element",
        offset: max(0, Int(XML_GetCurrentByteIndex(parser))))
    }
    return root
  }

  private static func of(_ own: UnsafeMutableRawPointer?) -> XMLReader? {
    own.map { Unmanaged<XMLReader>.fromOpaque($0).takeUnretainedValue() }
  }

  private func begin(_ name: UnsafePointer<CChar>?) {
    elements += 1
    guard let name, open.count < XMLReader.maxDepth else { return stop("nested too deep") }
    guard elements <= XMLReader.maxElements else { return stop("too many elements") }
    let whole = String(cString: name)
    open.append(XMLElement(name: whole.split(separator: ":").last.map(String.init) ?? whole))
  }

  private func end() {
    guard let closed = open.popLast() else { return }
    if open.isEmpty { root = closed } else { open[open.count - 1].children.append(closed) }
  }

  private func append(_ text: UnsafePointer<CChar>?, _ count: Int) {
    guard let text, !open.isEmpty else { return }
    open[open.count - 1].bytes.append(contentsOf: UnsafeRawBufferPointer(start: text, count: count))
  }

  private func stop(_ reason: String) {
    problem = problem ?? reason
    XML_StopParser(parser, XML_Bool(XML_FALSE))
  }
}
