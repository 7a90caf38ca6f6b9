import Columns
import Glibc

/// Functions of numbers.
enum MathFunctions {
  static let group = FunctionGroup("Numbers", rounding + powers + trigonometry + integers + others)

  private static let outOfRange = "an error if the result is out of range"

  /// The same for decimals, doubles and reals.
  private static func rounding(
    _ double: @escaping @Sendable (Double) -> Double,
    _ decimal: @escaping @Sendable (_ value: Int128, _ unit: Int128) -> Int128
  ) -> [Overload] {
    [
      .number { double($0) },
      Overload(
        [.decimal],
        result: { types in
          guard let (precision, scale) = Decimals.parts(types[0]) else { return nil }
          return .decimal(precision: min(38, max(1, precision - scale + (scale > 0 ? 1 : 0))), scale: 0)
        }
      ) { arguments in
        guard let (_, scale) = Decimals.parts(arguments.vectors[0].type) else {
          throw arguments.storageError(0)
        }
        let unit = Decimals.power(scale)
        return try arguments.mapDecimal { decimal($0, unit) }
      },
    ]
  }

  private static let ceiling = Function(
    "ceil",
    rounding({ Glibc.ceil($0) }) { value, unit in value / unit + (value > 0 && value % unit != 0 ? 1 : 0) },
    help: "The smallest integer that is not less.", example: "ceil(-1.5) = -1")

  private static let rounding: [Function] = [
    Function(
      "abs",
      [
        .unary(.int16, .int16, errors: outOfRange) { (a: Int32) in
          if a == Int16.min { throw Arithmetic.outOfRange(.int16) }
          return abs(a)
        },
        .unary(.int32, .int32, errors: outOfRange) { (a: Int32) in
          if a == .min { throw Arithmetic.outOfRange(.int32) }
          return abs(a)
        },
        .unary(.int64, .int64, errors: outOfRange) { (a: Int64) in
          if a == .min { throw Arithmetic.outOfRange(.int64) }
          return abs(a)
        },
        .unary(.float, .float) { (a: Float) in abs(a) }, .number { abs($0) },
        Overload([.decimal], result: { $0[0] }) { try $0.mapDecimal { abs($0) } },
      ], help: "Absolute value.", example: "abs(-5) = 5"),
    ceiling, ceiling.named("ceiling"),
    Function(
      "floor",
      rounding({ Glibc.floor($0) }) { value, unit in value / unit - (value < 0 && value % unit != 0 ? 1 : 0)
      },
      help: "The largest integer that is not greater.", example: "floor(-1.5) = -2"),
    Function(
      "round",
      rounding({ $0.rounded(.toNearestOrEven) }) { Decimals.rounded($0, by: $1) } + [
        roundedDouble, roundedDecimal,
      ],
      help: """
        Rounded to an integer, or to n digits after the point: doubles half to even without n and half away from zero with it, \
        decimals half away from zero. A decimal keeps its type with n.
        """, example: "round(2.345, 2) = 2.35"),
    Function(
      "trunc",
      rounding({ Glibc.trunc($0) }) { value, unit in value / unit } + [truncatedDouble, truncatedDecimal],
      help: "Cut towards zero, to an integer or to n digits after the point.", example: "trunc(-2.7) = -2"),
    Function(
      "sign",
      [
        .number { $0.isNaN ? $0 : $0 > 0 ? 1 : $0 < 0 ? -1 : 0 },
        Overload([.decimal], result: { _ in .decimal(precision: 1, scale: 0) }) {
          try $0.mapDecimal { $0.signum() }
        },
      ], help: "-1, 0 or 1.", example: "sign(-8.4) = -1"),
  ]

  private static let roundedDouble = Overload.binary(.double, .int32, .double) { (a: Double, digits: Int32) in
    scaled(a, digits) { $0.rounded(.toNearestOrAwayFromZero) }
  }

  private static let truncatedDouble = Overload.binary(.double, .int32, .double) {
    (a: Double, digits: Int32) in
    scaled(a, digits) { $0.rounded(.towardZero) }
  }

  private static func scaled(_ value: Double, _ digits: Int32, _ rounded: (Double) -> Double) -> Double {
    let power = pow(10, Double(digits.magnitude))
    guard power.isFinite, value.isFinite else { return digits < 0 && value.isFinite ? 0 : value }
    if digits < 0 { return rounded(value / power) * power }
    let product = value * power
    // So many digits that there is nothing to round.
    return product.isFinite ? rounded(product) / power : value
  }

  private static let roundedDecimal = decimalDigits { Decimals.rounded($0, by: $1) }
  private static let truncatedDecimal = decimalDigits { value, unit in value / unit }

  private static func decimalDigits(_ rounded: @escaping @Sendable (Int128, Int128) -> Int128) -> Overload {
    Overload([.decimal, .exactly(.int32)], result: { $0[0] }, errors: outOfRange) { arguments in
      guard let (precision, scale) = Decimals.parts(arguments.type) else { throw arguments.storageError(0) }
      let values = try arguments.wide(0)
      let digits: (Int) -> Int32 = try arguments.reader(1)
      let mask = arguments.vectors[0].isConstant ? 0 : -1
      let results = try arguments.fill { row in
        let shift = scale - Int(digits(row))
        let value = values[row & mask]
        if shift <= 0 { return value }
        if shift > 38 { return 0 }
        let unit = Decimals.power(shift)
        let (result, overflow) = rounded(value, unit).multipliedReportingOverflow(by: unit)
        guard !overflow, result.magnitude < Decimals.power(precision).magnitude else {
          throw Arithmetic.outOfRange(arguments.type)
        }
        return result
      }
      return arguments.narrowed(results)
    }
  }

  // MARK: Powers and logarithms

  private static func logarithm(_ body: @escaping @Sendable (Double) -> Double) -> Overload {
    .number(errors: "an error for zero and negative numbers") {
      if $0 <= 0 {
        throw QueryError("cannot take the logarithm of \($0 == 0 ? "zero" : "a negative number")")
      }
      return body($0)
    }
  }

  private static let powers: [Function] = {
    let power = Function(
      "power", [Arithmetic.power], help: "The first number to the power of the second.",
      example: "power(9, 3) = 729")
    return [
      Function(
        "sqrt",
        [
          .number(errors: "an error for negative numbers") {
            if $0 < 0 { throw QueryError("cannot take the square root of a negative number") }
            return $0.squareRoot()
          }
        ], help: "Square root.", example: "sqrt(2) = 1.4142135623730951"),
      Function("cbrt", [.number { cbrt($0) }], help: "Cube root.", example: "round(cbrt(27)) = 3"),
      Function(
        "exp",
        [
          .number(errors: outOfRange) {
            let result = exp($0)
            if result.isInfinite, $0.isFinite { throw Arithmetic.outOfRange(.double) }
            return result
          }
        ], help: "e to the power of a number.", example: "exp(0) = 1"),
      Function("ln", [logarithm { log($0) }], help: "Natural logarithm.", example: "ln(1) = 0"),
      Function(
        "log",
        [
          logarithm { log10($0) },
          .numbers(errors: "an error for zero and negative numbers, and for base 1") { base, number in
            if base <= 0 || number <= 0 {
              throw QueryError("cannot take the logarithm of zero or a negative number")
            }
            if base == 1 { throw Arithmetic.divisionByZero }
            return log(number) / log(base)
          },
        ], help: "Logarithm to base 10, or of the second number to the base of the first.",
        example: "log(100) = 2"),
      Function("log10", [logarithm { log10($0) }], help: "Logarithm to base 10.", example: "log10(1000) = 3"),
      Function("log2", [logarithm { log2($0) }], help: "Logarithm to base 2.", example: "log2(8) = 3"),
      power, power.named("pow"),
    ]
  }()

  // MARK: Trigonometry

  private static func finite(_ body: @escaping @Sendable (Double) -> Double) -> Overload {
    .number(errors: "an error for infinities") {
      if $0.isInfinite { throw QueryError("input is out of range") }
      return body($0)
    }
  }

  private static func unit(_ body: @escaping @Sendable (Double) -> Double) -> Overload {
    .number(errors: "an error for numbers outside -1 to 1") {
      if $0 < -1 || $0 > 1 { throw QueryError("input is out of range") }
      return body($0)
    }
  }

  private static let trigonometry: [Function] = [
    Function(
      "pi",
      [
        Overload([], result: { _ in .double }) {
          Column(.double(Array(repeating: Double.pi, count: $0.rows)))
        }
      ], help: "The number π.", example: "pi() = 3.141592653589793"),
    Function(
      "degrees", [.number { $0 * 180 / .pi }], help: "Radians to degrees.", example: "degrees(pi()) = 180"),
    Function(
      "radians", [.number { $0 * .pi / 180 }], help: "Degrees to radians.",
      example: "radians(180) = 3.141592653589793"),
    Function("sin", [finite { sin($0) }], help: "Sine.", example: "sin(0) = 0"),
    Function("cos", [finite { cos($0) }], help: "Cosine.", example: "cos(0) = 1"),
    Function("tan", [finite { tan($0) }], help: "Tangent.", example: "tan(0) = 0"),
    Function("cot", [finite { 1 / tan($0) }], help: "Cotangent.", example: "round(cot(1), 4) = 0.6421"),
    Function("asin", [unit { asin($0) }], help: "Inverse sine.", example: "asin(0) = 0"),
    Function("acos", [unit { acos($0) }], help: "Inverse cosine.", example: "acos(1) = 0"),
    Function("atan", [.number { atan($0) }], help: "Inverse tangent.", example: "atan(0) = 0"),
    Function(
      "atan2", [.numbers { atan2($0, $1) }], help: "Inverse tangent of the quotient of two numbers.",
      example: "atan2(0, 1) = 0"),
    Function("sinh", [.number { sinh($0) }], help: "Hyperbolic sine.", example: "sinh(0) = 0"),
    Function("cosh", [.number { cosh($0) }], help: "Hyperbolic cosine.", example: "cosh(0) = 1"),
    Function("tanh", [.number { tanh($0) }], help: "Hyperbolic tangent.", example: "tanh(0) = 0"),
  ]

  // MARK: Integers

  private static func bits(
    _ name: String, _ help: String, _ example: String, _ narrow: @escaping @Sendable (Int32, Int32) -> Int32,
    _ wide: @escaping @Sendable (Int64, Int64) -> Int64
  ) -> Function {
    Function(
      name,
      [
        .binary(.int16, .int16, .int16, narrow), .binary(.int32, .int32, .int32, narrow),
        .binary(.int64, .int64, .int64, wide),
      ], help: help, example: example)
  }

  private static let integers: [Function] = [
    bits("&", "Bits that are set in both.", "12 & 10 = 8", { $0 & $1 }, { $0 & $1 }),
    bits("|", "Bits that are set in one or both.", "12 | 10 = 14", { $0 | $1 }, { $0 | $1 }),
    bits("#", "Bits that are set in exactly one.", "12 # 10 = 6", { $0 ^ $1 }, { $0 ^ $1 }),
    Function(
      "~",
      [
        .unary(.int16, .int16) { (a: Int32) in ~a }, .unary(.int32, .int32) { (a: Int32) in ~a },
        .unary(.int64, .int64) { (a: Int64) in ~a },
      ], help: "With one operand: all bits inverted.", example: "~ 1 = -2"),
    Function(
      "<<",
      [
        .binary(.int32, .int32, .int32) { (a: Int32, n: Int32) in a << (n & 31) },
        .binary(.int64, .int32, .int64) { (a: Int64, n: Int32) in a << Int64(n & 63) },
      ], help: "Bits shifted to the left; what is shifted out is lost.", example: "1 << 4 = 16"),
    Function(
      ">>",
      [
        .binary(.int32, .int32, .int32) { (a: Int32, n: Int32) in a >> (n & 31) },
        .binary(.int64, .int32, .int64) { (a: Int64, n: Int32) in a >> Int64(n & 63) },
      ], help: "Bits shifted to the right, keeping the sign.", example: "-16 >> 2 = -4"),
    Function(
      "bit_count", [.unary(.int64, .int64) { (a: Int64) -> Int64 in Int64(a.nonzeroBitCount) }],
      help: "How many bits are set.",
      example: "bit_count(7) = 3"),
    Function(
      "gcd",
      [.binary(.int64, .int64, .int64, errors: outOfRange) { (a: Int64, b: Int64) in try divisor(a, b) }],
      help: "Greatest common divisor.", example: "gcd(12, 18) = 6"),
    Function(
      "lcm",
      [
        .binary(.int64, .int64, .int64, errors: outOfRange) { (a: Int64, b: Int64) -> Int64 in
          if a == 0 || b == 0 { return 0 as Int64 }
          let (product, overflow) = (a / (try divisor(a, b))).multipliedReportingOverflow(by: b)
          if overflow || product == .min { throw Arithmetic.outOfRange(.int64) }
          return abs(product)
        }
      ], help: "Least common multiple.", example: "lcm(4, 6) = 12"),
    Function(
      "factorial",
      [
        Overload(
          [.exactly(.int64)], result: { _ in .decimal(precision: 38, scale: 0) },
          errors: "an error for negative numbers and above 33"
        ) {
          try $0.map { (n: Int64) in
            guard (0...33).contains(n) else { throw QueryError("factorial of \(n) is out of range") }
            return (0..<n).reduce(1 as Int128) { $0 * Int128($1 + 1) }
          }
        }
      ], help: "The product of the integers up to a number.", example: "factorial(5) = 120"),
  ]

  private static func divisor(_ a: Int64, _ b: Int64) throws -> Int64 {
    var (a, b) = (a.magnitude, b.magnitude)
    while b != 0 { (a, b) = (b, a % b) }
    guard let result = Int64(exactly: a) else { throw Arithmetic.outOfRange(.int64) }
    return result
  }

  // MARK: Others

  private static let others: [Function] = [
    Function(
      "mod", Arithmetic.remainders, help: "The same as `%`.", example: "mod(-7, 3) = -1"),
    Function(
      "isnan", [.unary(.double, .bool) { (a: Double) in a.isNaN }], help: "Whether a number is NaN.",
      example: "isnan('NaN'::double) = true"),
    Function(
      "isfinite", [.unary(.double, .bool) { (a: Double) in a.isFinite }],
      help: "Whether a number is neither NaN nor infinite.", example: "isfinite(1.5) = true"),
    Function(
      "width_bucket",
      [
        Overload(
          [.exactly(.double), .exactly(.double), .exactly(.double), .exactly(.int32)],
          result: { _ in .int32 },
          errors: "an error for bounds that are equal or not finite, or a count below 1"
        ) { arguments in
          let value: (Int) -> Double = try arguments.reader(0)
          let low: (Int) -> Double = try arguments.reader(1)
          let high: (Int) -> Double = try arguments.reader(2)
          let count: (Int) -> Int32 = try arguments.reader(3)
          return Column(
            .int32(try arguments.fill { try bucket(value($0), low($0), high($0), count($0)) }))
        }
      ],
      help:
        "The number, from 1, of the bucket that a number falls into; 0 and count + 1 for numbers outside of the bounds.",
      example: "width_bucket(5.35, 0.024, 10.06, 5) = 3"),
    Function(
      "greatest", [Extremes.overload(.greater)], help: "The greatest value; nulls do not count.",
      example: "greatest(3, 7, 5) = 7"),
    Function(
      "least", [Extremes.overload(.less)], help: "The least value; nulls do not count.",
      example: "least('b', 'a') = 'a'"),
  ]

  private static func bucket(_ value: Double, _ low: Double, _ high: Double, _ count: Int32) throws -> Int32 {
    guard count > 0, count < .max else { throw QueryError("the count of buckets must be above 0") }
    guard low.isFinite, high.isFinite, low != high, !value.isNaN else {
      throw QueryError("the bounds of buckets must be finite and must differ")
    }
    let position = low < high ? (value - low) / (high - low) : (low - value) / (low - high)
    if position < 0 { return 0 }
    if position >= 1 { return count + 1 }
    return min(count, Int32(position * Double(count)) + 1)
  }
}

/// greatest and least.
private enum Extremes {
  static func overload(_ relation: Comparisons.Relation) -> Overload {
    Overload([.same], variadic: true, nulls: .custom, result: { $0[0] }) { arguments in
      var best = arguments.vectors[0].expanded(arguments.rows)
      for vector in arguments.vectors.dropFirst() {
        let next = vector.expanded(arguments.rows)
        let pair = Arguments(
          [Vector(next, arguments.type), Vector(best, arguments.type)], rows: arguments.rows, type: .bool,
          session: arguments.session)
        guard case .bool(let flags) = try Comparisons.compare(pair, relation).values else { return best }
        let rows = (0..<arguments.rows).map { row in
          let takesNext = !next.isNull(row) && (best.isNull(row) || flags[row])
          return UInt32(takesNext ? arguments.rows + row : row)
        }
        best = Column.concatenate([best, next], arguments.type).gather(rows)
      }
      return best
    }
  }
}
