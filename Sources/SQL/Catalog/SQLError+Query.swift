import Query

extension SQLError {
  /// An error of planning or evaluation, at its position in the query.
  package init(_ error: QueryError, in sql: String) {
    self.init(error.message, in: sql, at: max(0, Int(error.position)), hint: error.hint)
  }
}
