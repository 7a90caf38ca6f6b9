import Basics

/// The texts of single statements, for commands that send them on.
package struct StatementText: Sendable {
  /// The statement without what is around it.
  package let text: String
  /// What EXPLAIN, DESCRIBE or SUMMARIZE look at: the text behind these words.
  package let subject: String

  /// The statements of a text, without empty ones.
  package static func all(_ sql: String) throws(SQLError) -> [StatementText] {
    let tokens = try Tokens(sql)
    var statements: [StatementText] = []
    var first = 0
    for index in 0...tokens.tokens.count where index == tokens.tokens.count || tokens.isSymbol(index, ";") {
      if first < index { statements.append(StatementText(tokens, first..<index)) }
      first = index + 1
    }
    return statements
  }

  private init(_ tokens: Tokens, _ range: Range<Int>) {
    func text(from index: Int) -> String {
      guard index < range.upperBound else { return "" }
      let bytes = tokens.tokens[index].range.lowerBound..<tokens.tokens[range.upperBound - 1].range.upperBound
      return String(decoding: tokens.text[bytes], as: UTF8.self)
    }
    func word(_ index: Int) -> String { tokens.spelling(tokens.tokens[index]).lowercased() }
    self.text = text(from: range.lowerBound)
    var start = range.lowerBound
    if ["explain", "describe", "summarize"].contains(word(start)) {
      start += 1
      if start < range.upperBound, word(start) == "analyze" { start += 1 }
      // EXPLAIN (ANALYZE) SELECT …
      if start + 2 < range.upperBound, word(range.lowerBound) == "explain", word(start) == "(",
        word(start + 1) == "analyze"
      {
        while start < range.upperBound, word(start) != ")" { start += 1 }
        start += 1
      }
    }
    subject = text(from: start)
  }
}
