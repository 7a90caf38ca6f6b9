import Basics
import CPgQuery

/// The tokens of a text, from PostgreSQL's own scanner, without comments.
struct Tokens {
  struct Token {
    enum Kind {
      case identifier, number, text, symbol, keyword, other
    }

    /// Byte offsets.
    let range: Range<Int>
    let kind: Kind
  }

  let text: [UInt8]
  let tokens: [Token]

  /// - Throws: ``SQLError`` for a text that cannot be split into tokens, such as a string that is not closed.
  init(_ sql: String) throws(SQLError) {
    text = Array(sql.utf8)
    if let zero = text.firstIndex(of: 0) { throw SQLError("a zero byte in the query", in: sql, at: zero) }
    let result = sql.withCString { pg_query_scan($0) }
    defer { pg_query_free_scan_result(result) }
    if let error = result.error { throw SQLError(error.pointee, in: sql) }
    var tokens: [Token] = []
    var reader = Varints(UnsafeRawBufferPointer(start: result.pbuf.data, count: result.pbuf.len))
    while let tag = reader.next() {
      guard tag == 2 << 3 | 2, let length = reader.next() else {
        _ = reader.next()
        continue
      }
      if let token = Self.token(&reader, length) { tokens.append(token) }
    }
    self.tokens = tokens
  }

  /// A `ScanToken` of libpg_query's protocol: start, end, token, kind of keyword.
  private static func token(_ reader: inout Varints, _ length: Int) -> Token? {
    let end = reader.position + length
    var (from, to, code, keyword) = (0, 0, 0, 0)
    while reader.position < end, let tag = reader.next(), let value = reader.next() {
      switch tag >> 3 {
      case 1: from = value
      case 2: to = value
      case 4: code = value
      default: keyword = value
      }
    }
    let kind: Token.Kind
    switch code {
    case 275, 276: return nil  // comments
    case 258, 259: kind = .identifier
    case 260, 266: kind = .number
    case 261, 262: kind = .text
    case ..<128: kind = .symbol
    default: kind = keyword > 0 ? .keyword : .other
    }
    return from <= to ? Token(range: from..<to, kind: kind) : nil
  }

  func spelling(_ token: Token) -> String { String(decoding: text[token.range], as: UTF8.self) }

  func isSymbol(_ index: Int, _ symbol: Unicode.Scalar) -> Bool {
    index < tokens.count && tokens[index].range.count == 1
      && text[tokens[index].range.lowerBound] == UInt8(ascii: symbol)
  }

  /// Index of the first token at or after a byte offset.
  func index(at offset: Int) -> Int {
    var (low, high) = (0, tokens.count)
    while low < high {
      let middle = (low + high) / 2
      if tokens[middle].range.lowerBound < offset { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// The numbers of a protocol buffer.
private struct Varints {
  private let bytes: UnsafeRawBufferPointer
  private(set) var position = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  mutating func next() -> Int? {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while position < bytes.count, shift < 64 {
      let byte = bytes[position]
      position += 1
      value |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return Int(truncatingIfNeeded: value) }
      shift += 7
    }
    return nil
  }
}

extension SQLError {
  /// An error of the scanner or the grammar, in the words of PostgreSQL.
  /// - Parameter indent: Characters that were put in front of the text.
  init(_ error: PgQueryError, in sql: String, offset: Int = 0, indent: Int = 0) {
    let message = error.message.map { String(cString: $0) } ?? "syntax error"
    var bytes = offset
    var characters = Int(error.cursorpos) - 1 - indent
    // `cursorpos` counts characters.
    for byte in sql.utf8.dropFirst(offset) {
      if byte & 0xc0 != 0x80 {
        if characters <= 0 { break }
        characters -= 1
      }
      bytes += 1
    }
    self.init(message, in: sql, at: bytes)
  }
}
