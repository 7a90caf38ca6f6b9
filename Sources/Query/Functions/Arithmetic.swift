import Columns
import Glibc

/// `+ - * / % ^` and unary minus.
enum Arithmetic {
  static let group = FunctionGroup(
    "Arithmetic",
    [
      Function(
        "+", overloads(Addition.self) + [Decimals.add, identity],
        help: "Sum. Of decimals: as many digits after the point as the longer one has."),
      Function(
        "-", overloads(Subtraction.self) + [Decimals.subtract] + negations,
        help: "Difference; with one operand, the negative number."),
      Function(
        "*", overloads(Multiplication.self) + [Decimals.multiply],
        help: "Product. Of decimals: with the digits after the point of both."),
      Function(
        "/", overloads(Division.self) + [Decimals.divide],
        help: """
          Quotient. Of integers: an integer, cut towards zero. Of decimals: decimal(38, s), where s is 6 or the digits after the \
          point of the first operand if these are more, rounded half away from zero.
          """),
      Function(
        "%", remainders,
        help: "Remainder, with the sign of the first operand."),
      Function("^", [power], help: "Power."),
    ])

  static let remainders = overloads(Remainder.self) + [Decimals.remainder]

  static func outOfRange(_ type: ColumnType) -> QueryError { QueryError("\(type.sqlName) out of range") }

  static let divisionByZero = QueryError("division by zero")

  private static func overloads<O: NumberOperation>(_ operation: O.Type) -> [Overload] {
    [
      Overload([.exactly(.int16), .exactly(.int16)], result: { _ in .int16 }, errors: O.errors) { arguments in
        try checked(arguments) { (a: Int32, b: Int32) in
          let result = O.integers(a, b)
          return (result.partialValue, result.overflow || Int16(exactly: result.partialValue) == nil)
        }
      },
      Overload([.exactly(.int32), .exactly(.int32)], result: { _ in .int32 }, errors: O.errors) {
        try checked($0) { (a: Int32, b: Int32) in O.integers(a, b) }
      },
      Overload([.exactly(.int64), .exactly(.int64)], result: { _ in .int64 }, errors: O.errors) {
        try checked($0) { (a: Int64, b: Int64) in O.integers(a, b) }
      },
      Overload([.exactly(.double), .exactly(.double)], result: { _ in .double }, errors: O.errors) {
        try checked($0) { (a: Double, b: Double) in O.floats(a, b) }
      },
      Overload([.exactly(.float), .exactly(.float)], result: { _ in .float }, errors: O.errors) {
        try checked($0) { (a: Float, b: Float) in O.floats(a, b) }
      },
    ]
  }

  /// Computes all rows, and looks for the row only if one has failed: the usual loop has no branch.
  @inline(__always)
  private static func checked<T: StoredValue & Numeric>(
    _ arguments: Arguments, _ operation: (T, T) -> (partialValue: T, overflow: Bool)
  ) throws -> Column {
    var failed = false
    let column = try arguments.map { (a: T, b: T) in
      let result = operation(a, b)
      failed = failed || result.overflow
      return result.partialValue
    }
    guard failed else { return column }
    return try arguments.map { (a: T, b: T) in
      let result = operation(a, b)
      if result.overflow {
        throw b == 0 && result.partialValue == a ? divisionByZero : outOfRange(arguments.type)
      }
      return result.partialValue
    }
  }

  private static let identity = Overload([.same], result: { $0[0].isNumeric ? $0[0] : nil }) {
    $0.vectors[0].column
  }

  private static let negations = [
    Overload([.exactly(.int16)], result: { _ in .int16 }, errors: "an error for the least integer") {
      arguments in
      try arguments.map { (a: Int32) in
        if a == Int16.min { throw outOfRange(.int16) }
        return 0 - a
      }
    },
    Overload([.exactly(.int32)], result: { _ in .int32 }, errors: "an error for the least integer") {
      arguments in
      try arguments.map { (a: Int32) in
        if a == .min { throw outOfRange(.int32) }
        return 0 - a
      }
    },
    Overload([.exactly(.int64)], result: { _ in .int64 }, errors: "an error for the least integer") {
      arguments in
      try arguments.map { (a: Int64) in
        if a == .min { throw outOfRange(.int64) }
        return 0 - a
      }
    },
    Overload([.exactly(.double)], result: { _ in .double }) { try $0.map { (a: Double) in -a } },
    Overload([.exactly(.float)], result: { _ in .float }) { try $0.map { (a: Float) in -a } },
    Decimals.negate,
  ]

  static let power = Overload(
    [.exactly(.double), .exactly(.double)], result: { _ in .double },
    errors: "an error for a negative number to a power that is not an integer, or a result out of range"
  ) {
    try $0.map { (a: Double, b: Double) in
      if a == 0, b < 0 { throw QueryError("zero raised to a negative power is undefined") }
      if a < 0, a.isFinite, b.isFinite, b != b.rounded() {
        throw QueryError("a negative number raised to a power that is not an integer")
      }
      let result = pow(a, b)
      if result.isInfinite, a.isFinite, b.isFinite { throw outOfRange(.double) }
      return result
    }
  }
}

/// An operator on integers and floating-point numbers. `overflow` stands for any failure; a division by zero returns its first
/// operand.
private protocol NumberOperation {
  static var errors: String { get }
  static func integers<T: FixedWidthInteger>(_ a: T, _ b: T) -> (partialValue: T, overflow: Bool)
  static func floats<T: BinaryFloatingPoint>(_ a: T, _ b: T) -> (partialValue: T, overflow: Bool)
}

private enum Addition: NumberOperation {
  static var errors: String { "an error if the result is out of range" }

  @inline(__always)
  static func integers<T: FixedWidthInteger>(_ a: T, _ b: T) -> (partialValue: T, overflow: Bool) {
    a.addingReportingOverflow(b)
  }

  @inline(__always)
  static func floats<T: BinaryFloatingPoint>(_ a: T, _ b: T) -> (partialValue: T, overflow: Bool) {
    let result = a + b
    return (result, result.isInfinite && a.isFinite && b.isFinite)
  }
}

private enum Subtraction: NumberOperation {
  static var errors: String { "an error if the result is out of range" }

  @inline(__always)
  static func integers<T: FixedWidthInteger>(_ a: T, _ b: T) -> (partialValue: T, overflow: Bool) {
    a.subtractingReportingOverflow(b)
  }

  @inline(__always)
  static func floats<T: BinaryFloatingPoint>(_ a: T, _ b: T) -> (partialValue: T, overflow: Bool) {
    let result = a - b
    return (result, result.isInfinite && a.isFinite && b.isFinite)
  }
}

private enum Multiplication: NumberOperation {
  static var errors: String { "an error if the result is out of range" }

  @inline(__always)
  static func integers<T: FixedWidthInteger>(_ a: T, _ b: T) -> (partialValue: T, overflow: Bool) {
    a.multipliedReportingOverflow(by: b)
  }

  @inline(__always)
  static func floats<T: BinaryFloatingPoint>(_ a: T, _ b: T) -> (partialValue: T, overflow: Bool) {
    let result = a * b
    return (result, result.isInfinite && a.isFinite && b.isFinite || result == 0 && a != 0 && b != 0)
  }
}

private enum Division: NumberOperation {
  static var errors: String { "an error for a divisor of zero, or a result out of range" }

  @inline(__always)
  static func integers<T: FixedWidthInteger>(_ a: T, _ b: T) -> (partialValue: T, overflow: Bool) {
    a.dividedReportingOverflow(by: b)
  }

  @inline(__always)
  static func floats<T: BinaryFloatingPoint>(_ a: T, _ b: T) -> (partialValue: T, overflow: Bool) {
    if b == 0 { return (a, true) }
    let result = a / b
    return (result, result.isInfinite && a.isFinite || result == 0 && a != 0 && b.isFinite)
  }
}

private enum Remainder: NumberOperation {
  static var errors: String { "an error for a divisor of zero" }

  @inline(__always)
  static func integers<T: FixedWidthInteger>(_ a: T, _ b: T) -> (partialValue: T, overflow: Bool) {
    if b == 0 { return (a, true) }
    // The least integer by −1 overflows in the processor, but its remainder is 0.
    return b == 0 - 1 ? (0, false) : (a % b, false)
  }

  static func floats<T: BinaryFloatingPoint>(_ a: T, _ b: T) -> (partialValue: T, overflow: Bool) {
    b == 0 ? (a, true) : (a.truncatingRemainder(dividingBy: b), false)
  }
}
