/// A mistake in a query, or a value that an expression cannot be computed for.
package struct QueryError: Error, Hashable, Sendable, CustomStringConvertible {
  package var message: String
  /// Byte offset in the query's text; -1 if unknown.
  package var position: Int32
  /// Row of the batch for which the evaluation failed, so that the caller can name its file and line; nil for other errors.
  package var row: Int?
  /// What to do about it, such as `did you mean "visitor_id"?`.
  package var hint: String?

  package init(_ message: String, position: Int32 = -1, row: Int? = nil, hint: String? = nil) {
    self.message = message
    self.position = position
    self.row = row
    self.hint = hint
  }

  package var description: String { hint.map { "\(message); \($0)" } ?? message }
}
