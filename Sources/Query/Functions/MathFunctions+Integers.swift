import Columns

// Bits, divisors and other functions of integers.

extension MathFunctions {
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

  static let integers: [Function] = [
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
}
