import Columns

/// A scalar function of SQL: its overloads, and what the reference says about it. Each group of functions is a file in this
/// folder; ``Functions`` lists the groups.
package struct Function: Sendable {
  /// Lower case; operators are called by their symbol.
  package let name: String
  package let overloads: [Overload]
  /// One sentence for docs/sql-functions.md.
  package let help: String
  /// An example and its result, `lower('Ab') = 'ab'`, checked by a test; nil for operators.
  package let example: String?

  package init(_ name: String, _ overloads: [Overload], help: String, example: String? = nil) {
    self.name = name
    self.overloads = overloads
    self.help = help
    self.example = example
  }
}

/// One signature of a function and its kernel.
package struct Overload: Sendable {
  /// What an argument may be.
  package enum Parameter: Hashable, Sendable {
    case exactly(ColumnType)
    /// Any decimal.
    case decimal
    /// Any list.
    case list
    /// The type of the elements of the argument that is a ``list``; both are cast to fit each other.
    case element
    /// Any struct.
    case structure
    /// Any type.
    case any
    /// Any type, but the same for all arguments with this parameter.
    case same
  }

  /// How nulls are treated.
  package enum NullRule: Sendable {
    /// The result is null if any argument is. The kernel need not look at validity; it gets arguments whose null rows hold zeros
    /// or empty strings, and errors that it throws for null rows must not happen, so it skips rows that `Arguments.isNull` marks.
    case strict
    /// The kernel decides.
    case custom
  }

  package let parameters: [Parameter]
  /// The last parameter may be repeated.
  package let isVariadic: Bool
  package let nulls: NullRule
  /// The type of the result for the types of the arguments; nil if they do not fit after all.
  package let result: @Sendable (_ arguments: [ColumnType]) -> ColumnType?
  /// What may go wrong, for the reference: `an error for a negative number`; nil if nothing.
  package let errors: String?
  package let evaluate: @Sendable (_ arguments: Arguments) throws -> Column

  package init(
    _ parameters: [Parameter], variadic isVariadic: Bool = false, nulls: NullRule = .strict,
    result: @escaping @Sendable (_ arguments: [ColumnType]) -> ColumnType?, errors: String? = nil,
    evaluate: @escaping @Sendable (_ arguments: Arguments) throws -> Column
  ) {
    self.parameters = parameters
    self.isVariadic = isVariadic
    self.nulls = nulls
    self.result = result
    self.errors = errors
    self.evaluate = evaluate
  }
}

/// What a kernel is called with.
package struct Arguments {
  package let vectors: [Vector]
  package let rows: Int
  /// The type that the result must have.
  package let type: ColumnType
  /// For functions that depend on the session (`now()`, time zones).
  package let session: SessionContext
  /// Null rows of a strict function; nil if there is none.
  package let validity: [Bool]?

  package init(
    _ vectors: [Vector], rows: Int, type: ColumnType, session: SessionContext, validity: [Bool]? = nil
  ) {
    self.vectors = vectors
    self.rows = rows
    self.type = type
    self.session = session
    self.validity = validity
  }

  package func isNull(_ row: Int) -> Bool { validity.map { !$0[row] } ?? false }
}

/// What is the same for all tasks of a query.
package struct SessionContext: Hashable, Sendable {
  /// Microseconds since 1970 UTC at which the query began: `now()`.
  package var now: Int64
  /// An IANA name.
  package var timeZone: String

  package init(now: Int64, timeZone: String = "UTC") {
    self.now = now
    self.timeZone = timeZone
  }
}
