import Columns

// Shorthands for the usual shapes of functions.

extension Overload {
  /// A function of doubles.
  static func number(
    errors: String? = nil, _ body: @escaping @Sendable (Double) throws -> Double
  ) -> Overload {
    Overload([.exactly(.double)], result: { _ in .double }, errors: errors) { try $0.map(body) }
  }

  static func numbers(
    errors: String? = nil, _ body: @escaping @Sendable (Double, Double) throws -> Double
  ) -> Overload {
    Overload([.exactly(.double), .exactly(.double)], result: { _ in .double }, errors: errors) {
      try $0.map(body)
    }
  }

  /// A function of one value of fixed width.
  static func unary<A: StoredValue, R: StoredValue>(
    _ type: ColumnType, _ result: ColumnType, errors: String? = nil,
    _ body: @escaping @Sendable (A) throws -> R
  ) -> Overload {
    Overload([.exactly(type)], result: { _ in result }, errors: errors) { try $0.map(body) }
  }

  /// A function of two values of fixed width.
  static func binary<A: StoredValue, B: StoredValue, R: StoredValue>(
    _ first: ColumnType, _ second: ColumnType, _ result: ColumnType, errors: String? = nil,
    _ body: @escaping @Sendable (A, B) throws -> R
  ) -> Overload {
    Overload([.exactly(first), .exactly(second)], result: { _ in result }, errors: errors) {
      try $0.map(body)
    }
  }

  /// From text to text.
  static func text(
    errors: String? = nil, _ body: @escaping @Sendable (UnsafeRawBufferPointer, inout [UInt8]) throws -> Void
  ) -> Overload {
    Overload([.exactly(.string)], result: { _ in .string }, errors: errors) { arguments in
      try arguments.withStrings(0) { texts in try arguments.strings { try body(texts[$0], &$1) } }
    }
  }

  /// From two texts to text.
  static func texts(
    errors: String? = nil,
    _ body: @escaping @Sendable (UnsafeRawBufferPointer, UnsafeRawBufferPointer, inout [UInt8]) throws -> Void
  ) -> Overload {
    Overload([.exactly(.string), .exactly(.string)], result: { _ in .string }, errors: errors) { arguments in
      try arguments.withStrings(0, 1) { a, b in try arguments.strings { try body(a[$0], b[$0], &$1) } }
    }
  }

  /// From text to a value of fixed width.
  static func ofText<R: StoredValue>(
    _ result: ColumnType, errors: String? = nil,
    _ body: @escaping @Sendable (UnsafeRawBufferPointer) throws -> R
  ) -> Overload {
    Overload([.exactly(.string)], result: { _ in result }, errors: errors) { try $0.mapText(body) }
  }

  /// From two texts to a value of fixed width.
  static func ofTexts<R: StoredValue>(
    _ result: ColumnType, errors: String? = nil,
    _ body: @escaping @Sendable (UnsafeRawBufferPointer, UnsafeRawBufferPointer) throws -> R
  ) -> Overload {
    Overload([.exactly(.string), .exactly(.string)], result: { _ in result }, errors: errors) { arguments in
      try arguments.withStrings(0, 1) { a, b in
        Column(R.values(try arguments.fill { row in try body(a[row], b[row]) }))
      }
    }
  }

  /// A strict function of values of any types, by way of scalars.
  static func scalars(
    _ parameters: [Parameter], variadic: Bool = false, nulls: NullRule = .strict,
    result: @escaping @Sendable ([ColumnType]) -> ColumnType?, errors: String? = nil,
    _ body: @escaping @Sendable (Arguments, Int) throws -> ScalarValue
  ) -> Overload {
    Overload(parameters, variadic: variadic, nulls: nulls, result: result, errors: errors) { arguments in
      try arguments.scalars { try body(arguments, $0) }
    }
  }
}
