import Basics

/// The order in which a job file names the columns of its tables. It counts, while the members of a JSON value have no order.
package struct ColumnOrder {
  private var columns: [String: [String]] = [:]

  /// - Parameter text: A valid JSON document.
  package init(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      var scanner = JSONScanner(UnsafeRawBufferPointer(bytes))
      scanner.skipSpace()
      // Mistakes have been told already.
      try? Self.members(&scanner) { key, scanner in
        guard key == "tables", scanner.peek == UInt8(ascii: "{") else { return false }
        try Self.members(&scanner) { table, scanner in
          guard scanner.peek == UInt8(ascii: "{") else { return false }
          try Self.members(&scanner) { key, scanner in
            guard key == "columns", scanner.peek == UInt8(ascii: "{") else { return false }
            var names: [String] = []
            try Self.members(&scanner) { name, _ in
              names.append(name)
              return false
            }
            columns[table] = names
            return true
          }
          return true
        }
        return true
      }
    }
  }

  /// - Parameter body: Returns false if it has not read the value.
  private static func members(
    _ scanner: inout JSONScanner, _ body: (String, inout JSONScanner) throws -> Bool
  ) throws {
    try scanner.object { scanner, key in
      if try !body(try scanner.decoded(key), &scanner) { try scanner.skipValue(depth: 1) }
    }
  }

  /// The columns as an array of pairs of name and type, in order.
  package func ordered(_ columns: JSONValue, of table: String) -> JSONValue {
    guard case .object(let members) = columns else { return columns }
    let names = self.columns[table] ?? members.keys.sorted()
    return .array(
      names.compactMap { name in members[name].map { .array([.string(name), $0]) } })
  }
}
