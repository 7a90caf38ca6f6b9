/// Text that is not JSON, and where.
package struct JSONSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
  /// From 1. Columns count Unicode scalars.
  package let line: Int
  package let column: Int
  package let message: String

  package var description: String { "\(line):\(column): \(message)" }
}

/// Parses small documents that people write: unlike Foundation's decoder it tells the location of a mistake, and that a key
/// appears twice.
enum JSONParser {
  static func document(_ bytes: UnsafeRawBufferPointer) throws(JSONSyntaxError) -> JSONValue {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let text = bytes.starts(with: mark) ? UnsafeRawBufferPointer(rebasing: bytes[mark.count...]) : bytes
    var scanner = JSONScanner(text)
    do {
      scanner.skipSpace()
      guard scanner.position < text.count else { throw scanner.fault("the file is empty") }
      let value = try value(&scanner, depth: 0)
      try scanner.end()
      return value
    } catch let fault as JSONFault {
      throw error(fault, text)
    } catch {
      throw JSONSyntaxError(line: 1, column: 1, message: "\(error)")
    }
  }

  private static func value(_ scanner: inout JSONScanner, depth: Int) throws -> JSONValue {
    try scanner.checkDepth(depth)
    switch scanner.peek {
    case UInt8(ascii: "\""): return .string(try scanner.decoded(try scanner.string()))
    case UInt8(ascii: "["):
      var items: [JSONValue] = []
      try scanner.array { items.append(try value(&$0, depth: depth + 1)) }
      return .array(items)
    case UInt8(ascii: "{"):
      var members: [String: JSONValue] = [:]
      try scanner.object { scanner, name in
        let key = try scanner.decoded(name)
        guard members.updateValue(try value(&scanner, depth: depth + 1), forKey: key) == nil else {
          throw scanner.fault("the key \(JSONText.quoted(key)) appears twice", at: name.lowerBound - 1)
        }
      }
      return .object(members)
    default:
      switch try scanner.scalar() {
      case .null: return .null
      case .bool(let value): return .bool(value)
      case .integer(let value): return .integer(value)
      case .unsigned(let value): return .number(Double(value))
      case .number(let value): return .number(value)
      }
    }
  }

  private static func error(_ fault: JSONFault, _ text: UnsafeRawBufferPointer) -> JSONSyntaxError {
    let before = text[..<min(fault.offset, text.count)]
    let line = before.count { $0 == UInt8(ascii: "\n") } + 1
    let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? before.startIndex
    // Continuation bytes of UTF-8 do not begin a scalar.
    let column = before[lineStart...].count { $0 & 0xC0 != 0x80 } + 1
    return JSONSyntaxError(line: line, column: column, message: fault.message)
  }
}
