import Columns

// Rewriting of expressions, for the binder and the optimizer. While they work, the element of a ``ListQuery`` is not numbered by
// the width of the row around it, which rules change, but from ``Expr/elementBase``; ``Optimizer`` settles it at the end.
extension Expr {
  /// Columns from here on are those of the query around a subquery: one multiple for each level. Only the binder sees them.
  package static let outerBase = 1 << 20

  /// Columns from here on are elements of list queries: two for each level of nesting, the element and its ordinality.
  package static let elementBase = 1 << 40

  /// The same expression with other operands; those of list queries included.
  package func mappingOperands(_ transform: (Expr) throws -> Expr) rethrows -> Expr {
    switch self {
    case .column, .literal, .subquery: return self
    case .call(var call):
      call.arguments = try call.arguments.map(transform)
      return .call(call)
    case .cast(var cast):
      cast.value = try transform(cast.value)
      return .cast(cast)
    case .and(let operands): return .and(try operands.map(transform))
    case .or(let operands): return .or(try operands.map(transform))
    case .not(let operand): return .not(try transform(operand))
    case .isNull(let operand): return .isNull(try transform(operand))
    case .isIn(let operand, let list): return .isIn(try transform(operand), list)
    case .field(let operand, let index, let type): return .field(try transform(operand), index, type)
    case .conditional(var conditional):
      conditional.branches = try conditional.branches.map {
        Conditional.Branch(try transform($0.condition), try transform($0.value))
      }
      conditional.otherwise = try transform(conditional.otherwise)
      return .conditional(conditional)
    case .listQuery(var query):
      query.list = try transform(query.list)
      query.filter = try query.filter.map(transform)
      query.value = try transform(query.value)
      return .listQuery(query)
    }
  }

  /// The direct operands; those of list queries included.
  package var allOperands: [Expr] {
    guard case .listQuery(let query) = self else { return operands }
    return [query.list, query.value] + (query.filter.map { [$0] } ?? [])
  }

  package func replacingColumns(_ replacement: (Int, ColumnType) throws -> Expr) rethrows -> Expr {
    if case .column(let index, let type) = self { return try replacement(index, type) }
    return try mappingOperands { try $0.replacingColumns(replacement) }
  }

  package func forEachColumn(_ body: (Int) throws -> Void) rethrows {
    if case .column(let index, _) = self { return try body(index) }
    for operand in allOperands { try operand.forEachColumn(body) }
  }

  /// Whether the expression or one below it meets a condition.
  package func contains(_ condition: (Expr) -> Bool) -> Bool {
    condition(self) || allOperands.contains { $0.contains(condition) }
  }

  /// The columns of the input that the expression reads.
  package var columns: Set<Int> {
    var columns: Set<Int> = []
    forEachColumn { if $0 < Expr.outerBase { columns.insert($0) } }
    return columns
  }

  /// With all columns moved by `distance`.
  package func shifted(by distance: Int) -> Expr {
    guard distance != 0 else { return self }
    return replacingColumns { index, type in
      .column(index < Expr.outerBase ? index + distance : index, type)
    }
  }

  /// Without positions, so that two spellings of one expression are equal.
  package var withoutPositions: Expr {
    switch mappingOperands(\.withoutPositions) {
    case .call(var call):
      call.position = -1
      return .call(call)
    case .cast(var cast):
      cast.position = -1
      return .cast(cast)
    case .listQuery(var query):
      query.position = -1
      return .listQuery(query)
    case let other: return other
    }
  }

  /// The operands of an AND, or the expression itself.
  package var conjuncts: [Expr] {
    if case .and(let operands) = self { operands.flatMap(\.conjuncts) } else { [self] }
  }

  /// nil for an empty list.
  package static func conjunction(_ conjuncts: [Expr]) -> Expr? {
    conjuncts.count > 1 ? .and(conjuncts) : conjuncts.first
  }

  package static let yes = Expr.literal(.bool(true), .bool)
  package static let no = Expr.literal(.bool(false), .bool)
}
