import Columns

/// Casts, as overloads of one argument: the evaluator treats them like functions.
package enum Casts {
  /// Whether an explicit cast exists.
  package static func exists(from: ColumnType, to: ColumnType) -> Bool {
    from == to || overload(from: from, to: to, isTry: false) != nil
  }

  /// - Parameter isTry: Values that do not fit become null instead of an error.
  /// - Returns: nil if there is no such cast.
  package static func overload(from: ColumnType, to: ColumnType, isTry: Bool) -> Overload? {
    guard let kernel = kernel(from, to) else { return nil }
    return Overload(
      [.exactly(from)], result: { _ in to },
      errors: isTry || !kernel.mayFail ? nil : "an error if the value does not fit"
    ) { arguments in
      try kernel.evaluate(CastArguments(arguments: arguments, from: from, to: to, isTry: isTry))
    }
  }

  struct Kernel: Sendable {
    let mayFail: Bool
    let evaluate: @Sendable (CastArguments) throws -> Column

    init(mayFail: Bool = true, _ evaluate: @escaping @Sendable (CastArguments) throws -> Column) {
      self.mayFail = mayFail
      self.evaluate = evaluate
    }
  }

  private static func kernel(_ from: ColumnType, _ to: ColumnType) -> Kernel? {
    if from == to { return Kernel(mayFail: false) { $0.arguments.vectors[0].column } }
    switch (from, to) {
    case (.string, _): return TextCasts.parsing(to)
    case (.json, .string): return Kernel(mayFail: false) { $0.arguments.vectors[0].column }
    case (.json, _): return TextCasts.parsingJSON(to)
    case (_, .string): return TextCasts.printing(from)
    case (_, .json): return TextCasts.printingJSON(from)
    case (.list(let a), .list(let b)):
      return exists(from: a, to: b) ? Kernel { try NestedCasts.list($0, a, b) } : nil
    case (.structure(let a), .structure(let b)) where a.count == b.count:
      let fit = zip(a, b).allSatisfy { exists(from: $0.type, to: $1.type) }
      return fit ? Kernel { try NestedCasts.structure($0, a, b) } : nil
    default: return NumberCasts.kernel(from, to) ?? TimeCasts.kernel(from, to)
    }
  }
}

/// What a kernel of a cast is called with.
struct CastArguments {
  let arguments: Arguments
  let from: ColumnType
  let to: ColumnType
  let isTry: Bool

  /// - Parameter body: nil for a value that does not fit.
  @inline(__always)
  func map<A: StoredValue, R: StoredValue>(_ body: (A) throws -> R?) throws -> Column {
    if isTry { return try arguments.mapOptional(body) }
    let values: [A] = try arguments.array(0)
    let mask = arguments.vectors[0].isConstant ? 0 : -1
    return try values.withUnsafeBufferPointer { values in
      let result: [R] = try arguments.fill { row in
        guard let value = try body(values[row & mask]) else { throw failure(row) }
        return value
      }
      return Column(R.values(result))
    }
  }

  /// - Parameter body: nil for a text that is not a value.
  @inline(__always)
  func mapText<R: StoredValue>(_ body: (UnsafeRawBufferPointer) throws -> R?) throws -> Column {
    try arguments.withStrings(0) { strings in
      if isTry { return try arguments.fillOptional { row in try body(strings[row]) } }
      return Column(
        R.values(
          try arguments.fill { row in
            guard let value = try body(strings[row]) else { throw failure(row) }
            return value
          }))
    }
  }

  /// `cannot cast 'abc' to integer`
  func failure(_ row: Int) -> QueryError {
    let value = ValueText(.utc).text(arguments.scalar(0, row), from)
    let shown = value.count > 80 ? value.prefix(80) + "…" : value[...]
    return QueryError(
      from == .string || from == .json
        ? "cannot cast '\(shown)' to \(to.sqlName)"
        : "\(from.sqlName) \(shown) does not fit into \(to.sqlName)",
      row: row)
  }
}
