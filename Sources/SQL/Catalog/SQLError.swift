/// A mistake in a query: where, what, and what to do. `line` and `column` count from 1, in characters.
package struct SQLError: Error, Hashable, Sendable, CustomStringConvertible {
  package let message: String
  package let line: Int
  package let column: Int
  /// Such as `did you mean "visitor_id"?`.
  package let hint: String?

  package init(_ message: String, line: Int, column: Int, hint: String? = nil) {
    self.message = message
    self.line = line
    self.column = column
    self.hint = hint
  }

  /// - Parameter position: Byte offset in `sql`; beyond its ends, the nearest end counts.
  package init(_ message: String, in sql: String, at position: Int, hint: String? = nil) {
    let before = sql.utf8.prefix(max(0, position))
    let line = before.reduce(1) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
    let lineStart =
      before.lastIndex(of: UInt8(ascii: "\n")).map { before.index(after: $0) } ?? before.startIndex
    let column = before[lineStart...].reduce(1) { $0 + ($1 & 0xc0 == 0x80 ? 0 : 1) }
    self.init(message, line: line, column: column, hint: hint)
  }

  package var description: String {
    "line \(line), column \(column): \(message)" + (hint.map { "; \($0)" } ?? "")
  }
}
