import Columns

/// Arithmetic on decimals: 128-bit integers in units of 10⁻ˢᶜᵃˡᵉ.
enum Decimals {
  /// 10⁰ to 10³⁸.
  static let powers: [Int128] = (0..<38).reduce(into: [1]) { powers, index in
    powers.append(powers[index] * 10)
  }

  static func power(_ exponent: Int) -> Int128 { powers[min(38, max(0, exponent))] }

  static let longest = 38

  static func parts(_ type: ColumnType) -> (precision: Int, scale: Int)? {
    if case .decimal(let precision, let scale) = type { (precision, scale) } else { nil }
  }

  /// Divides, rounding half away from zero. `divisor` is not 0.
  static func rounded(_ value: Int128, by divisor: Int128) -> Int128 {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    let isHalf = remainder.magnitude >= divisor.magnitude - remainder.magnitude && remainder != 0
    guard isHalf else { return quotient }
    return (value < 0) == (divisor < 0) ? quotient + 1 : quotient - 1
  }

  /// The value with another scale, rounded half away from zero; nil if it does not fit into `precision` digits.
  static func rescaled(_ value: Int128, from: Int, to: Int, precision: Int) -> Int128? {
    var result = value
    if to > from {
      let (product, overflow) = value.multipliedReportingOverflow(by: power(to - from))
      if overflow { return nil }
      result = product
    } else if to < from {
      result = rounded(value, by: power(from - to))
    }
    return result.magnitude < power(precision).magnitude ? result : nil
  }

  // MARK: Operators

  static let add = sum { $0 &+ $1 }
  static let subtract = sum { $0 &- $1 }

  private static func sum(_ operation: @escaping @Sendable (Int128, Int128) -> Int128) -> Overload {
    Overload(
      [.decimal, .decimal],
      result: { types in
        guard let a = parts(types[0]), let b = parts(types[1]) else { return nil }
        let scale = max(a.scale, b.scale)
        let digits = max(a.precision - a.scale, b.precision - b.scale) + scale + 1
        return .decimal(precision: min(longest, digits), scale: scale)
      }, errors: "an error if the result has over 38 digits"
    ) { arguments in
      guard let (a, b, result) = types(arguments) else { throw arguments.storageError(0) }
      let (up, upOther) = (power(result.scale - a.scale), power(result.scale - b.scale))
      if max(a.precision - a.scale, b.precision - b.scale) + result.scale < longest {
        return try arguments.mapDecimals { operation($0 &* up, $1 &* upOther) }
      }
      let limit = power(result.precision)
      return try arguments.mapDecimals { x, y in
        let (left, first) = x.multipliedReportingOverflow(by: up)
        let (right, second) = y.multipliedReportingOverflow(by: upOther)
        // Both are below 10³⁸ or reported, so that the sum cannot wrap.
        guard !first, !second, left.magnitude < limit.magnitude, right.magnitude < limit.magnitude,
          case let sum = operation(left, right), sum.magnitude < limit.magnitude
        else { throw Arithmetic.outOfRange(arguments.type) }
        return sum
      }
    }
  }

  static let multiply = Overload(
    [.decimal, .decimal],
    result: { types in
      guard let a = parts(types[0]), let b = parts(types[1]), a.scale + b.scale <= longest else { return nil }
      return .decimal(precision: min(longest, a.precision + b.precision), scale: a.scale + b.scale)
    }, errors: "an error if the result has over 38 digits"
  ) { arguments in
    guard let (a, b, _) = types(arguments) else { throw arguments.storageError(0) }
    if a.precision + b.precision <= longest { return try arguments.mapDecimals { $0 &* $1 } }
    let limit = power(longest)
    return try arguments.mapDecimals { x, y in
      let (product, overflow) = x.multipliedReportingOverflow(by: y)
      guard !overflow, product.magnitude < limit.magnitude else {
        throw Arithmetic.outOfRange(arguments.type)
      }
      return product
    }
  }

  static let divide = Overload(
    [.decimal, .decimal],
    result: { types in
      guard let a = parts(types[0]) else { return nil }
      return .decimal(precision: longest, scale: max(6, a.scale))
    }, errors: "an error for a divisor of zero, or if the result has over 38 digits"
  ) { arguments in
    guard let (a, b, result) = types(arguments) else { throw arguments.storageError(0) }
    // a / 10^sa ÷ (b / 10^sb) in units of 10^-s.
    let shift = result.scale + b.scale - a.scale
    let limit = power(longest).magnitude
    return try arguments.mapDecimals { x, y in
      if y == 0 { throw Arithmetic.divisionByZero }
      guard let quotient = quotient(x.magnitude, power(shift).magnitude, by: y.magnitude), quotient < limit
      else {
        throw Arithmetic.outOfRange(arguments.type)
      }
      return (x < 0) == (y < 0) ? Int128(quotient) : 0 - Int128(quotient)
    }
  }

  /// `a × b ÷ divisor`, rounded half up, with a product of 256 bits; nil if it does not fit into 127 bits.
  private static func quotient(_ a: UInt128, _ b: UInt128, by divisor: UInt128) -> UInt128? {
    let product = a.multipliedFullWidth(by: b)
    guard product.high < divisor else { return nil }
    let (quotient, remainder) =
      product.high == 0
      ? product.low.quotientAndRemainder(dividingBy: divisor)
      : divisor.dividingFullWidth((product.high, product.low))
    let rounded = remainder >= divisor - remainder ? quotient &+ 1 : quotient
    return rounded >> 127 == 0 ? rounded : nil
  }

  static let remainder = Overload(
    [.decimal, .decimal],
    result: { types in
      guard let a = parts(types[0]), let b = parts(types[1]) else { return nil }
      let scale = max(a.scale, b.scale)
      return .decimal(
        precision: min(longest, max(a.precision - a.scale, b.precision - b.scale) + scale), scale: scale)
    }, errors: "an error for a divisor of zero"
  ) { arguments in
    guard let (a, b, result) = types(arguments) else { throw arguments.storageError(0) }
    let (up, upOther) = (power(result.scale - a.scale), power(result.scale - b.scale))
    return try arguments.mapDecimals { x, y in
      if y == 0 { throw Arithmetic.divisionByZero }
      let (left, first) = x.multipliedReportingOverflow(by: up)
      let (right, second) = y.multipliedReportingOverflow(by: upOther)
      if first || second { throw Arithmetic.outOfRange(arguments.type) }
      return left % right
    }
  }

  static let negate = Overload([.decimal], result: { $0[0] }) { try $0.mapDecimal { 0 - $0 } }

  private typealias Parts = (precision: Int, scale: Int)

  private static func types(_ arguments: Arguments) -> (Parts, Parts, Parts)? {
    guard let a = parts(arguments.vectors[0].type), let b = parts(arguments.vectors[1].type),
      let result = parts(arguments.type)
    else { return nil }
    return (a, b, result)
  }
}

extension Arguments {
  /// The unscaled numbers of a decimal argument, widened to 128 bits.
  func wide(_ index: Int) throws -> [Int128] {
    switch vectors[index].column.values {
    case .int64(let values): values.map { Int128($0) }
    case .int128(let values): values
    default: throw storageError(index)
    }
  }

  /// A function of one decimal with a decimal result.
  @inline(__always)
  func mapDecimal(_ body: (Int128) throws -> Int128) throws -> Column {
    let values = try wide(0)
    let mask = vectors[0].isConstant ? 0 : -1
    return try narrowed(fill { row in try body(values[row & mask]) })
  }

  /// A function of two decimals with a decimal result. Numbers of 64 bits, the usual ones, are not widened in memory.
  @inline(__always)
  func mapDecimals(_ body: (Int128, Int128) throws -> Int128) throws -> Column {
    if case .int64 = vectors[0].column.values, case .int64 = vectors[1].column.values {
      if type.storage == .int64 {
        return try map { (a: Int64, b: Int64) in
          Int64(truncatingIfNeeded: try body(Int128(a), Int128(b)))
        }
      }
      return try map { (a: Int64, b: Int64) in try body(Int128(a), Int128(b)) }
    }
    let (first, second) = (try wide(0), try wide(1))
    let (maskA, maskB) = (vectors[0].isConstant ? 0 : -1, vectors[1].isConstant ? 0 : -1)
    return try narrowed(fill { row in try body(first[row & maskA], second[row & maskB]) })
  }

  /// Unscaled numbers as a column of the result's type.
  func narrowed(_ values: [Int128]) -> Column {
    type.storage == .int64
      ? Column(.int64(values.map { Int64(truncatingIfNeeded: $0) })) : Column(.int128(values))
  }
}
