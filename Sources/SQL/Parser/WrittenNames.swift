/// A name as the query spells it. PostgreSQL's grammar turns unquoted names to lower case and cuts long ones; here columns keep
/// their case, and files their paths.
struct WrittenName: Hashable {
  let text: String
  let isQuoted: Bool
}

extension Tokens {
  /// The names of a qualified name such as `a."B".c` that begins at a byte offset: as many as `folded` has.
  /// - Parameter folded: The names as the grammar gives them; used where the text has something else.
  func names(at offset: Int, folded: [String]) -> [WrittenName] {
    var index = index(at: offset)
    guard offset >= 0, index < tokens.count, tokens[index].range.lowerBound == offset else {
      return folded.map { WrittenName(text: $0, isQuoted: true) }
    }
    return folded.map { name in
      while index < tokens.count, isSymbol(index, ".") || isSymbol(index, "(") { index += 1 }
      guard index < tokens.count else { return WrittenName(text: name, isQuoted: true) }
      let written = spelling(tokens[index])
      index += 1
      if written.hasPrefix("\""), written.hasSuffix("\""), written.utf8.count > 1 {
        let text = String(written.dropFirst().dropLast()).replacing("\"\"", with: "\"")
        return WrittenName(text: text, isQuoted: true)
      }
      // Names of special syntax are as the grammar says.
      guard written.lowercased().hasPrefix(name.lowercased()) else {
        return WrittenName(text: name, isQuoted: true)
      }
      return WrittenName(text: written, isQuoted: false)
    }
  }

  /// The negative integer that begins at a byte offset, for which libpg_query prints no number; 0 if it has no minus.
  func negativeNumber(at offset: Int) -> Int {
    var isNegative = false
    var index = index(at: offset)
    while index < tokens.count, tokens[index].kind != .number {
      if isSymbol(index, "-") { isNegative.toggle() }
      index += 1
    }
    guard isNegative, index < tokens.count, let value = Int(spelling(tokens[index])) else { return 0 }
    return -value
  }
}
