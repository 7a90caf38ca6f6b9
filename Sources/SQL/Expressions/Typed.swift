import Columns
import Query

/// A bound expression, and whether its type is still open: that of an untyped literal, a text in quotes or NULL, follows from what
/// stands around it.
struct Typed {
  var expr: Expr
  var isUntyped = false
  /// The position of an untyped literal, where a value that does not fit its type is to be shown.
  var position: Int?
  /// The name of the column or field that it is, for the output.
  var name: String?

  init(_ expr: Expr, isUntyped: Bool = false, name: String? = nil) {
    self.expr = expr
    self.isUntyped = isUntyped
    self.name = name
  }

  /// nil if it is open.
  var type: ColumnType? { isUntyped ? nil : expr.type }

  static let null = Typed(.literal(.null, .string), isUntyped: true)
}
