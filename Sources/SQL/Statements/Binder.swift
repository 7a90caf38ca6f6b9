import Basics
import Columns
import Query

/// Turns the syntax of one text into plans: resolves names and types. The work is in the extensions, by clause and by kind of
/// expression.
final class Binder {
  /// WITH queries that names may mean, innermost last.
  struct CommonTable {
    let name: String
    let node: SyntaxNode
    /// The WITH queries before it, which it may refer to.
    let visible: Int
    var bound: Relation?
  }

  let parser: Parser
  let shared: SharedBinding
  /// The view whose text this is; nil for the query itself.
  let view: String?
  var commonTables: [CommonTable] = []
  /// Nesting of what is being bound.
  var depth = 0

  /// Deeper nesting of expressions and subqueries is refused, so that no later stage runs out of stack.
  static let depthLimit = 1100

  init(_ parser: Parser, _ shared: SharedBinding, view: String? = nil) {
    self.parser = parser
    self.shared = shared
    self.view = view
  }

  func error(_ message: String, _ position: Int, hint: String? = nil) -> SQLError {
    SQLError(message, in: parser.sql, at: position, hint: hint)
  }

  func error(_ message: String, _ node: SyntaxNode, hint: String? = nil) -> SQLError {
    error(message, node.nearestLocation, hint: hint)
  }

  func error(_ cause: QueryError, _ position: Int) -> SQLError {
    error(cause.message, cause.position >= 0 ? Int(cause.position) : position, hint: cause.hint)
  }

  /// The position that plans keep, for errors at run time. Those in views are not in the text that the user wrote.
  func mark(_ position: Int) -> Int32 { view == nil ? Int32(clamping: position) : -1 }

  /// Counts the nesting while `body` runs.
  func nested<Value>(_ node: SyntaxNode, _ body: () throws -> Value) throws -> Value {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.depthLimit else { throw error("nested deeper than \(Self.depthLimit) levels", node) }
    return try body()
  }
}
