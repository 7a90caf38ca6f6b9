import Columns
import Formats

/// What a query computes, as a tree of relational operators. The binder of SQL makes it, rules rewrite it, ``StagePlanner`` cuts
/// it into stages. The columns of a node are numbered from 0; expressions refer to the columns of the node's input (of both
/// inputs of a join, left before right).
package indirect enum LogicalPlan: Sendable {
  case scan(TableScan)
  /// Constant rows.
  case values(ValueRows)
  case filter(LogicalPlan, Expr)
  case project(LogicalPlan, [NamedExpr])
  case aggregate(LogicalPlan, Aggregation)
  /// Sorts; rows with equal keys stay in the order of the input.
  case sort(LogicalPlan, [SortKey])
  case limit(LogicalPlan, Limit)
  case join(LogicalPlan, LogicalPlan, Join)
  /// All inputs have the same column types; names are those of the first.
  case unionAll([LogicalPlan])
  case unnest(LogicalPlan, Unnest)
}

/// Reads columns of a table of files.
package struct TableScan: Sendable {
  package var table: FileTable
  /// The name in the query, for EXPLAIN.
  package var name: String
  /// Indexes of `table.fields`, in the order of the node's columns.
  package var columns: [Int]
  /// Conditions over the node's columns that every row must meet. Used to skip files, row groups and rows.
  package var filter: Expr?

  package init(table: FileTable, name: String, columns: [Int], filter: Expr? = nil) {
    self.table = table
    self.name = name
    self.columns = columns
    self.filter = filter
  }
}

package struct ValueRows: Sendable {
  package var fields: [ColumnField]
  /// Expressions without columns, of the fields' types.
  package var rows: [[Expr]]

  package init(fields: [ColumnField], rows: [[Expr]]) {
    self.fields = fields
    self.rows = rows
  }
}

package struct NamedExpr: Hashable, Sendable {
  package var name: String
  package var expr: Expr

  package init(_ name: String, _ expr: Expr) {
    self.name = name
    self.expr = expr
  }
}

/// GROUP BY. Its columns are the groups', then those of `calls`.
package struct Aggregation: Sendable {
  package var groups: [NamedExpr]
  /// For GROUPING SETS, ROLLUP and CUBE: the groups of each set; the others are null. nil for a plain GROUP BY; without groups
  /// there is one row, also for an empty input. A set without groups gives one row for an empty input too.
  package var sets: [[Int]]?
  package var calls: [AggregateCall]

  package init(groups: [NamedExpr], sets: [[Int]]? = nil, calls: [AggregateCall]) {
    self.groups = groups
    self.sets = sets
    self.calls = calls
  }
}

package struct AggregateCall: Hashable, Sendable {
  /// The name in the registry; `grouping` is known to the planner: a bit mask as in PostgreSQL, its arguments are columns of
  /// literals with the indexes of the groups.
  package var function: String
  package var arguments: [Expr]
  package var isDistinct: Bool
  package var filter: Expr?
  /// For array_agg, string_agg, first …: ORDER BY inside the call. Without, the order of the input.
  package var order: [SortKey]
  package var type: ColumnType
  package var name: String
  package var position: Int32

  package init(
    _ function: String, _ arguments: [Expr], isDistinct: Bool = false, filter: Expr? = nil,
    order: [SortKey] = [], type: ColumnType, name: String, position: Int32 = -1
  ) {
    self.function = function
    self.arguments = arguments
    self.isDistinct = isDistinct
    self.filter = filter
    self.order = order
    self.type = type
    self.name = name
    self.position = position
  }
}

package struct SortKey: Hashable, Sendable {
  package var expr: Expr
  package var isDescending: Bool
  package var nullsFirst: Bool

  package init(_ expr: Expr, isDescending: Bool = false, nullsFirst: Bool? = nil) {
    self.expr = expr
    self.isDescending = isDescending
    self.nullsFirst = nullsFirst ?? isDescending
  }
}

package struct Limit: Hashable, Sendable {
  /// nil for all.
  package var count: Int?
  package var offset: Int

  package init(count: Int?, offset: Int) {
    self.count = count
    self.offset = offset
  }
}

package struct Join: Hashable, Sendable {
  package enum Kind: UInt8, Hashable, Sendable {
    case inner, left, right, full
    /// Left rows that have a match; columns of the left only.
    case semi
    /// Left rows without a match; columns of the left only.
    case anti
    /// `NOT IN (subquery)`: like anti, but no row passes if the right side holds a null key, and a left row with a null key
    /// passes only if the right side is empty.
    case nullAwareAnti
    /// At most one right row for each left row: the last with `asof` at or before the left's. Left rows without one keep nulls.
    case asof
  }

  package struct Key: Hashable, Sendable {
    /// Over the columns of the left input.
    package var left: Expr
    /// Over the columns of the right input (numbered from 0), of the same type.
    package var right: Expr

    package init(_ left: Expr, _ right: Expr) {
      self.left = left
      self.right = right
    }
  }

  package var kind: Kind
  /// Equal keys match; null keys never do. Empty for a cross join.
  package var keys: [Key]
  /// A further condition over the columns of both inputs.
  package var condition: Expr?
  /// For ``Kind/asof``: the order column of each side.
  package var asof: Key?

  package init(_ kind: Kind, keys: [Key], condition: Expr? = nil, asof: Key? = nil) {
    self.kind = kind
    self.keys = keys
    self.condition = condition
    self.asof = asof
  }
}

/// LATERAL unnest of a list of the row: one row for each element, with the input's columns, then the element (or the fields of
/// a struct element, if `expandsStructs`), then the ordinality if asked for.
package struct Unnest: Hashable, Sendable {
  package var list: Expr
  /// Names of the element columns.
  package var names: [String]
  package var expandsStructs: Bool
  package var ordinality: String?
  /// A row whose list is null or empty gives one row with nulls (LEFT JOIN LATERAL … ON true).
  package var isOuter: Bool

  package init(list: Expr, names: [String], expandsStructs: Bool, ordinality: String?, isOuter: Bool) {
    self.list = list
    self.names = names
    self.expandsStructs = expandsStructs
    self.ordinality = ordinality
    self.isOuter = isOuter
  }
}
