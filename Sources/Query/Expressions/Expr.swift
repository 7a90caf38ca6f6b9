import Basics
import Columns

/// A bound expression: all names are resolved, all types are known, all implicit casts are explicit. Columns are those of the
/// batch that it is evaluated on.
package indirect enum Expr: Hashable, Sendable {
  /// Index of a column of the input.
  case column(Int, ColumnType)
  /// `value` is null or of the type.
  case literal(ScalarValue, ColumnType)
  /// A function of the registry with arguments that have exactly the types of one of its overloads.
  case call(FunctionCall)
  case cast(Cast)
  /// Three-valued logic; at least two operands. A later operand is evaluated only for rows that the earlier ones do not decide.
  case and([Expr])
  case or([Expr])
  case not(Expr)
  case isNull(Expr)
  /// CASE, COALESCE, NULLIF: a branch is evaluated only for the rows that take it.
  case conditional(Conditional)
  /// `value IN (list)`; null if there is no match and the list holds a null. `list` has distinct values of the value's type.
  case isIn(Expr, ValueList)
  /// A field of a struct; null for a null struct.
  case field(Expr, Int, ColumnType)
  /// A scalar subquery over a list of the row: `(SELECT … FROM unnest(list) WHERE …)`.
  case listQuery(ListQuery)
  /// The result of an uncorrelated subquery, by its index in ``Query/subqueries``. Replaced by a literal before execution.
  case subquery(Int, ColumnType)
}

package struct FunctionCall: Hashable, Sendable {
  /// The name in the registry, lower case; operators are functions called by their symbol: `+`, `=`, `~~`.
  package var name: String
  package var arguments: [Expr]
  package var type: ColumnType
  /// Byte offset in the query, for errors at run time.
  package var position: Int32

  package init(_ name: String, _ arguments: [Expr], _ type: ColumnType, position: Int32 = -1) {
    self.name = name
    self.arguments = arguments
    self.type = type
    self.position = position
  }
}

package struct Cast: Hashable, Sendable {
  package var value: Expr
  package var type: ColumnType
  /// A value that does not fit is null instead of an error.
  package var isTry: Bool
  package var position: Int32

  package init(_ value: Expr, _ type: ColumnType, isTry: Bool = false, position: Int32 = -1) {
    self.value = value
    self.type = type
    self.isTry = isTry
    self.position = position
  }
}

package struct Conditional: Hashable, Sendable {
  package struct Branch: Hashable, Sendable {
    package var condition: Expr
    package var value: Expr

    package init(_ condition: Expr, _ value: Expr) {
      self.condition = condition
      self.value = value
    }
  }

  package var branches: [Branch]
  package var otherwise: Expr
  package var type: ColumnType

  package init(_ branches: [Branch], otherwise: Expr, _ type: ColumnType) {
    self.branches = branches
    self.otherwise = otherwise
    self.type = type
  }
}

package struct ValueList: Hashable, Sendable {
  /// Distinct, without nulls.
  package var values: [ScalarValue]
  package var hasNull: Bool

  package init(_ values: [ScalarValue], hasNull: Bool) {
    self.values = values
    self.hasNull = hasNull
  }
}

/// Evaluated per row over the elements of a list. `filter` and `value` see the columns of the outer row, then the element as
/// one column (a struct for lists of structs), then its ordinality (int64, from 1).
package struct ListQuery: Hashable, Sendable {
  package enum Result: Hashable, Sendable {
    /// The value of the only element that passes; null if there is none; more than one is an error.
    case single
    /// The first elements in the list's order, at most one: `LIMIT 1`.
    case first
    case count
    /// An aggregate function of the registry over the values that pass.
    case aggregate(String)
    /// Whether any element passes.
    case exists
  }

  package var list: Expr
  package var filter: Expr?
  package var value: Expr
  package var result: Result
  package var type: ColumnType
  package var position: Int32

  package init(
    list: Expr, filter: Expr?, value: Expr, result: Result, type: ColumnType, position: Int32 = -1
  ) {
    self.list = list
    self.filter = filter
    self.value = value
    self.result = result
    self.type = type
    self.position = position
  }
}

extension Expr {
  package var type: ColumnType {
    switch self {
    case .column(_, let type), .literal(_, let type), .field(_, _, let type), .subquery(_, let type): type
    case .call(let call): call.type
    case .cast(let cast): cast.type
    case .conditional(let conditional): conditional.type
    case .listQuery(let query): query.type
    case .and, .or, .not, .isNull, .isIn: .bool
    }
  }

  /// The direct operands. Those of a ``ListQuery`` other than its list refer to other columns and are not among them.
  package var operands: [Expr] {
    switch self {
    case .column, .literal, .subquery: []
    case .call(let call): call.arguments
    case .cast(let cast): [cast.value]
    case .and(let operands), .or(let operands): operands
    case .not(let operand), .isNull(let operand), .isIn(let operand, _), .field(let operand, _, _): [operand]
    case .conditional(let conditional):
      conditional.branches.flatMap { [$0.condition, $0.value] } + [conditional.otherwise]
    case .listQuery(let query): [query.list]
    }
  }
}
