import Columns

/// Comparison operators, for two values of one type.
enum Comparisons {
  enum Relation: Sendable {
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual

    func holds(_ order: Int) -> Bool {
      switch self {
      case .equal: order == 0
      case .notEqual: order != 0
      case .less: order < 0
      case .lessOrEqual: order <= 0
      case .greater: order > 0
      case .greaterOrEqual: order >= 0
      }
    }
  }

  static let group = FunctionGroup(
    "Comparisons",
    [
      comparison("=", .equal, "Whether two values are equal; NaN equals itself, and −0.0 equals 0.0."),
      comparison("<>", .notEqual, "Whether two values differ."),
      comparison(
        "<", .less, "Whether the first value is less. NaN is above all numbers; text is ordered by bytes."),
      comparison("<=", .lessOrEqual, "Whether the first value is less or equal."),
      comparison(">", .greater, "Whether the first value is greater."),
      comparison(">=", .greaterOrEqual, "Whether the first value is greater or equal."),
    ])

  private static func comparison(_ name: String, _ relation: Relation, _ help: String) -> Function {
    Function(
      name,
      [Overload([.same, .same], result: { _ in .bool }) { try compare($0, relation) }], help: help)
  }

  static func compare(_ arguments: Arguments, _ relation: Relation) throws -> Column {
    switch arguments.vectors[0].type.storage {
    case .bool: try compare(arguments, relation, Bool.self)
    case .int32: try compare(arguments, relation, Int32.self)
    case .int64: try compare(arguments, relation, Int64.self)
    case .int128: try compare(arguments, relation, Int128.self)
    case .float: try compare(arguments, relation, Float.self)
    case .double: try compare(arguments, relation, Double.self)
    case .interval: try compare(arguments, relation, Interval.self)
    case .bytes: try compareText(arguments, relation)
    case .list, .structure:
      Column(
        .bool(
          try arguments.fill { row in
            relation.holds(ScalarValue.compare(arguments.scalar(0, row), arguments.scalar(1, row)))
          }))
    }
  }

  private static func compare<T: Ordered>(
    _ arguments: Arguments, _ relation: Relation, _ type: T.Type
  ) throws -> Column {
    switch relation {
    case .equal: try arguments.map { (a: T, b: T) in T.isEqual(a, b) }
    case .notEqual: try arguments.map { (a: T, b: T) in !T.isEqual(a, b) }
    case .less: try arguments.map { (a: T, b: T) in T.isLess(a, b) }
    case .lessOrEqual: try arguments.map { (a: T, b: T) in !T.isLess(b, a) }
    case .greater: try arguments.map { (a: T, b: T) in T.isLess(b, a) }
    case .greaterOrEqual: try arguments.map { (a: T, b: T) in !T.isLess(a, b) }
    }
  }

  private static func compareText(_ arguments: Arguments, _ relation: Relation) throws -> Column {
    try arguments.withStrings(0, 1) { a, b in
      switch relation {
      case .equal: Column(.bool(try arguments.fill { ByteText.isEqual(a[$0], b[$0]) }))
      case .notEqual: Column(.bool(try arguments.fill { !ByteText.isEqual(a[$0], b[$0]) }))
      default: Column(.bool(try arguments.fill { relation.holds(ByteText.compare(a[$0], b[$0])) }))
      }
    }
  }
}
