import Basics

/// Reads the JSON in which libpg_query prints a parse tree. Unlike `JSONParser` it keeps the order of members, adds the offset of
/// the statement to locations, and allows the nesting of long expressions.
struct SyntaxTreeReader {
  /// A query nested deeper is refused. Deep enough for 1,000 nested function calls.
  static let depthLimit = 2500

  /// The query's nesting passes ``depthLimit``.
  struct TooDeep: Error {}

  private var scanner: JSONScanner
  private let offset: Int

  private init(_ json: UnsafeRawBufferPointer, offset: Int) {
    scanner = JSONScanner(json)
    self.offset = offset
  }

  /// - Parameter offset: Of the statement in the whole text.
  static func read(_ json: UnsafeRawBufferPointer, offset: Int) throws -> SyntaxNode {
    var reader = SyntaxTreeReader(json, offset: offset)
    return try reader.object(depth: 0)
  }

  private mutating func object(depth: Int) throws -> SyntaxNode {
    guard depth < Self.depthLimit else { throw TooDeep() }
    var members: [(name: String, value: SyntaxNode.Value)] = []
    guard scanner.take("{") else { throw scanner.fault("expected an object") }
    while !scanner.take("}") {
      let name = try scanner.decoded(try scanner.string())
      guard scanner.take(":") else { throw scanner.fault("expected a colon") }
      if let value = try value(name, depth: depth) { members.append((name, value)) }
      _ = scanner.take(",")
    }
    if members.count == 1, case .node(let inner) = members[0].value,
      let first = members[0].name.utf8.first, UInt8(ascii: "A")...UInt8(ascii: "Z") ~= first
    {
      return inner.renamed(members[0].name)
    }
    return SyntaxNode(kind: "", members: members)
  }

  private mutating func value(_ name: String, depth: Int) throws -> SyntaxNode.Value? {
    switch scanner.peek {
    case UInt8(ascii: "{"): return .node(try object(depth: depth + 1))
    case UInt8(ascii: "["):
      var nodes: [SyntaxNode] = []
      _ = scanner.take("[")
      while !scanner.take("]") {
        nodes.append(try object(depth: depth + 1))
        _ = scanner.take(",")
      }
      return .list(nodes)
    case UInt8(ascii: "\""): return .text(try scanner.decoded(try scanner.string()))
    default:
      switch try scanner.scalar() {
      case .bool(let flag): return .bool(flag)
      case .integer(let number):
        let number = Int(number)
        return .number(name == "location" && number >= 0 ? number + offset : number)
      case .null, .unsigned, .number: return nil
      }
    }
  }
}
