/// A binary fraction of any size, without rounding: the limbs, lowest first, times 2^(32·exponent). For results, not for rows.
struct ExactNumber: Hashable {
  private(set) var isNegative: Bool
  /// Neither the first nor the last is zero.
  private(set) var limbs: [UInt32]
  private(set) var exponent: Int

  static let zero = ExactNumber(isNegative: false, limbs: [], exponent: 0)

  init(isNegative: Bool, limbs: [UInt32], exponent: Int) {
    let trailing = limbs.firstIndex { $0 != 0 } ?? limbs.count
    let end = (limbs.lastIndex { $0 != 0 } ?? -1) + 1
    self.limbs = trailing < end ? Array(limbs[trailing..<end]) : []
    self.isNegative = isNegative && trailing < end
    self.exponent = trailing < end ? exponent + trailing : 0
  }

  init(_ value: Int64) {
    let size = value.magnitude
    self.init(
      isNegative: value < 0, limbs: [UInt32(truncatingIfNeeded: size), UInt32(size >> 32)], exponent: 0)
  }

  /// - Parameter value: Must be finite.
  init(_ value: Double) {
    let field = Int(value.exponentBitPattern)
    let mantissa = value.significandBitPattern | (field > 0 ? 1 << 52 : 0)
    let position = max(field, 1) - 1 + 14
    let wide = UInt128(mantissa) << UInt128(position & 31)
    self.init(
      isNegative: value < 0,
      limbs: [0, 32, 64].map { UInt32(truncatingIfNeeded: wide >> UInt128($0)) },
      exponent: ExactAccumulators.lowest + position >> 5)
  }

  var isZero: Bool { limbs.isEmpty }

  static prefix func - (a: ExactNumber) -> ExactNumber {
    ExactNumber(isNegative: !a.isNegative, limbs: a.limbs, exponent: a.exponent)
  }

  static func - (a: ExactNumber, b: ExactNumber) -> ExactNumber { a + -b }

  static func + (a: ExactNumber, b: ExactNumber) -> ExactNumber {
    if a.isZero { return b }
    if b.isZero { return a }
    let lowest = min(a.exponent, b.exponent)
    let end = max(a.exponent + a.limbs.count, b.exponent + b.limbs.count)
    var sums = [Int64](repeating: 0, count: end - lowest + 1)
    for number in [a, b] {
      for (index, limb) in number.limbs.enumerated() {
        sums[number.exponent - lowest + index] += number.isNegative ? -Int64(limb) : Int64(limb)
      }
    }
    propagate(&sums)
    let isNegative = sums[sums.count - 1] < 0
    if isNegative {
      for index in sums.indices { sums[index] = -sums[index] }
      propagate(&sums)
    }
    return ExactNumber(
      isNegative: isNegative, limbs: sums.map { UInt32(truncatingIfNeeded: $0) }, exponent: lowest)
  }

  private static func propagate(_ sums: inout [Int64]) {
    for index in 0..<sums.count - 1 {
      let carry = sums[index] >> 32
      sums[index] -= carry << 32
      sums[index + 1] += carry
    }
  }

  static func * (a: ExactNumber, b: ExactNumber) -> ExactNumber {
    var product = [UInt32](repeating: 0, count: a.limbs.count + b.limbs.count)
    for (i, x) in a.limbs.enumerated() {
      var carry: UInt64 = 0
      for (j, y) in b.limbs.enumerated() {
        let sum = UInt64(x) * UInt64(y) + UInt64(product[i + j]) + carry
        product[i + j] = UInt32(truncatingIfNeeded: sum)
        carry = sum >> 32
      }
      product[i + b.limbs.count] = UInt32(truncatingIfNeeded: carry)
    }
    return ExactNumber(
      isNegative: a.isNegative != b.isNegative, limbs: product, exponent: a.exponent + b.exponent)
  }

  /// The nearest double, of two equally near ones the even one. Never −0.
  var rounded: Double {
    guard let top = limbs.last else { return 0 }
    // Bits are counted from the lowest bit of the first limb.
    let highest = limbs.count * 32 - 1 - top.leadingZeroBitCount
    let base = exponent * 32
    let unit = max(highest - 52, -1074 - base)
    var quotient: UInt64 = 0
    if unit <= 0 {
      for index in limbs.indices { quotient |= UInt64(limbs[index]) << UInt64(index * 32 - unit) }
    } else if highest >= unit {
      for bit in stride(from: highest, through: unit, by: -1) { quotient = quotient << 1 | self.bit(bit) }
    }
    if unit > 0, bit(unit - 1) == 1 {
      let isAbove = limbs[0].trailingZeroBitCount < unit - 1
      if isAbove || quotient & 1 == 1 { quotient += 1 }
    }
    let scale = unit + base + 1074
    guard scale < 2046 else { return isNegative ? -.infinity : .infinity }
    let pattern = UInt64(scale) << 52 + quotient
    let size = Double(bitPattern: min(pattern, Double.infinity.bitPattern))
    return isNegative ? -size : size
  }

  private func bit(_ number: Int) -> UInt64 {
    number < limbs.count * 32 ? UInt64(limbs[number >> 5] >> UInt32(number & 31)) & 1 : 0
  }
}
