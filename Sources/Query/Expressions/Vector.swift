import Columns

/// The values of an expression for the rows of a batch: one for each row, or one constant for all.
package struct Vector: Sendable {
  /// `rows` values, or one if ``isConstant``.
  package var column: Column
  package var type: ColumnType
  package var isConstant: Bool

  package init(_ column: Column, _ type: ColumnType, isConstant: Bool = false) {
    self.column = column
    self.type = type
    self.isConstant = isConstant
  }

  /// The value of all rows, if it is a constant.
  package var constant: ScalarValue? { isConstant ? column.scalar(0, type) : nil }

  /// One value for each of `rows` rows.
  package func expanded(_ rows: Int) -> Column {
    isConstant ? column.gather(Array(repeating: 0, count: rows)) : column
  }
}
