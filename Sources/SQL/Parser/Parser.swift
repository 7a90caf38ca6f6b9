import CPgQuery

/// Turns a text into statements: PostgreSQL's grammar, and `DESCRIBE`, `SUMMARIZE`, `SHOW TABLES` and `try_cast` beside it.
struct Parser {
  /// Longer texts are refused.
  static let lengthLimit = 4 << 20

  let sql: String
  let tokens: Tokens
  /// Byte offsets of the `CAST` nodes that stand for `try_cast`.
  private(set) var tryCasts: Set<Int> = []
  /// The text with each `try_cast` replaced by a `cast` of the same length.
  private var text: [UInt8]

  init(_ sql: String) throws(SQLError) {
    guard sql.utf8.count <= Self.lengthLimit else {
      throw SQLError("the query is longer than \(Self.lengthLimit >> 20) MB", in: sql, at: 0)
    }
    self.sql = sql
    tokens = try Tokens(sql)
    text = tokens.text
    for (index, token) in tokens.tokens.enumerated() where token.kind == .identifier && token.range.count == 8
    {
      guard tokens.isSymbol(index + 1, "("), tokens.spelling(token).lowercased() == "try_cast" else {
        continue
      }
      tryCasts.insert(token.range.lowerBound)
      text.replaceSubrange(token.range, with: Array("cast    ".utf8))
    }
  }

  /// The statements, which are separated by semicolons.
  func statements() throws(SQLError) -> [Statement] {
    var statements: [Statement] = []
    var first = 0
    for index in 0...tokens.tokens.count where index == tokens.tokens.count || tokens.isSymbol(index, ";") {
      if first < index { statements.append(contentsOf: try statement(first..<index)) }
      first = index + 1
    }
    return statements
  }

  private func statement(_ range: Range<Int>) throws(SQLError) -> [Statement] {
    let words = range.prefix(2).map { tokens.spelling(tokens.tokens[$0]).lowercased() }
    switch words.first {
    case "describe", "summarize":
      let isDescribe = words[0] == "describe"
      let subject = try subject(range.dropFirst(), after: tokens.tokens[range.lowerBound])
      return [isDescribe ? .describe(subject) : .summarize(subject)]
    case "show":
      guard words.count == 2, words[1] == "tables", range.count == 2 else {
        throw error("expected SHOW TABLES", range.lowerBound)
      }
      return [.showTables]
    default: return try parse(range).map { node throws(SQLError) in try statement(of: node, range) }
    }
  }

  private func statement(of node: SyntaxNode, _ range: Range<Int>) throws(SQLError) -> Statement {
    switch node.kind {
    case "SelectStmt": return .query(node)
    case "ExplainStmt":
      guard let query = node.node("query"), query.kind == "SelectStmt" else {
        throw error("EXPLAIN takes a SELECT", range.lowerBound)
      }
      let options = node.list("options")
      for option in options where option.text("defname") != "analyze" {
        throw SQLError(
          "unknown option of EXPLAIN \"\(option.text("defname") ?? "")\"; only ANALYZE is known", in: sql,
          at: option.location)
      }
      return .explain(query, isAnalyze: !options.isEmpty)
    default:
      let word = tokens.spelling(tokens.tokens[range.lowerBound]).uppercased()
      throw error(
        "\(word) is not supported; a statement is SELECT, VALUES, EXPLAIN, DESCRIBE, SUMMARIZE or SHOW TABLES",
        range.lowerBound)
    }
  }

  private func subject(_ range: Range<Int>, after word: Tokens.Token) throws(SQLError) -> Statement.Subject {
    guard let first = range.first else {
      throw SQLError(
        "\(tokens.spelling(word).uppercased()) needs a table, a file in double quotes, or a query", in: sql,
        at: word.range.upperBound)
    }
    let token = tokens.tokens[first]
    let spelling = tokens.spelling(token)
    if range.count == 1, token.kind == .identifier || token.kind == .text || token.kind == .keyword {
      let quote = spelling.first
      guard quote == "\"" || quote == "'" else {
        return .name(WrittenName(text: spelling, isQuoted: false), position: token.range.lowerBound)
      }
      let mark = String(quote == "\"" ? "\"" : "'")
      let name = String(spelling.dropFirst().dropLast()).replacing(mark + mark, with: mark)
      return .name(WrittenName(text: name, isQuoted: true), position: token.range.lowerBound)
    }
    guard ["select", "with", "values", "table", "("].contains(spelling.lowercased()) else {
      throw error("expected a table, a file in double quotes, or a query", range.lowerBound)
    }
    guard let node = try parse(range).first else { throw error("expected a query", range.lowerBound) }
    guard case .query(let query) = try statement(of: node, range) else {
      throw error("expected a query", range.lowerBound)
    }
    return .query(query)
  }

  private func parse(_ range: Range<Int>) throws(SQLError) -> [SyntaxNode] {
    let start = tokens.tokens[range.lowerBound].range.lowerBound
    let end = tokens.tokens[range.upperBound - 1].range.upperBound
    // A blank in front: libpg_query leaves out locations that are 0.
    let result = (Array(" ".utf8) + text[start..<end] + [0]).withUnsafeBytes { bytes in
      pg_query_parse(bytes.bindMemory(to: CChar.self).baseAddress)
    }
    defer { pg_query_free_parse_result(result) }
    if let error = result.error { throw SQLError(error.pointee, in: sql, offset: start, indent: 1) }
    guard let json = result.parse_tree else { return [] }
    do {
      let tree = try SyntaxTreeReader.read(
        UnsafeRawBufferPointer(start: json, count: lengthOfString(json)), offset: start - 1)
      return tree.list("stmts").compactMap { $0.node("stmt") }
    } catch is SyntaxTreeReader.TooDeep {
      throw SQLError("the query is nested too deeply", in: sql, at: start)
    } catch {
      throw SQLError("the parse tree cannot be read: \(error)", in: sql, at: start)
    }
  }

  private func error(_ message: String, _ token: Int) -> SQLError {
    SQLError(message, in: sql, at: tokens.tokens[token].range.lowerBound)
  }
}

private func lengthOfString(_ text: UnsafePointer<CChar>) -> Int {
  var length = 0
  while text[length] != 0 { length += 1 }
  return length
}
