// Sums of doubles without any rounding: fixed-point numbers wide enough for every double.

/// Exact sums of finite doubles. Each is a fixed-point number of 68 chunks of 32 bits in units of 2⁻¹⁰⁸⁸, so that sums of up to 2⁶³
/// doubles fit. A chunk is held in 64 bits, and carries are moved up only after many additions.
struct ExactAccumulators {
  static let chunks = 68
  /// Exponent of the lowest chunk, in chunks.
  static let lowest = -34

  private var words: [Int64] = []
  /// Additions since the last time that carries were moved.
  private var pending: [UInt32] = []

  var count: Int { pending.count }
  var byteCount: Int { words.count * 8 + pending.count * 4 }

  /// - Returns: The number of a new sum, which is zero.
  mutating func append() -> Int {
    words.append(contentsOf: repeatElement(0, count: Self.chunks))
    pending.append(0)
    return pending.count - 1
  }

  /// Adds a finite double.
  mutating func add(_ value: Double, to number: Int) {
    let bits = value.bitPattern
    let field = Int(bits >> 52) & 0x7ff
    var mantissa = bits & 0x000f_ffff_ffff_ffff
    if field > 0 { mantissa |= 1 << 52 }
    let position = max(field, 1) - 1 + 14
    let wide = UInt128(mantissa) << UInt128(position & 31)
    let low = Int64(truncatingIfNeeded: UInt32(truncatingIfNeeded: wide))
    let middle = Int64(truncatingIfNeeded: UInt32(truncatingIfNeeded: wide >> 32))
    let high = Int64(truncatingIfNeeded: wide >> 64)
    if pending[number] >= 1 << 30 { carry(number) }
    pending[number] += 1
    let first = number * Self.chunks + position >> 5
    if value < 0 {
      words[first] -= low
      words[first + 1] -= middle
      words[first + 2] -= high
    } else {
      words[first] += low
      words[first + 1] += middle
      words[first + 2] += high
    }
  }

  /// Moves carries up: all chunks but the highest are in 0 ..< 2³² then.
  private mutating func carry(_ number: Int) {
    let first = number * Self.chunks
    for index in first..<first + Self.chunks - 1 {
      let carry = words[index] >> 32
      words[index] -= carry << 32
      words[index + 1] += carry
    }
    pending[number] = 0
  }

  mutating func value(_ number: Int) -> ExactNumber {
    carry(number)
    var chunks = Array(words[number * Self.chunks..<(number + 1) * Self.chunks])
    let isNegative = chunks[Self.chunks - 1] < 0
    if isNegative {
      for index in chunks.indices { chunks[index] = -chunks[index] }
      for index in 0..<Self.chunks - 1 {
        let carry = chunks[index] >> 32
        chunks[index] -= carry << 32
        chunks[index + 1] += carry
      }
    }
    return ExactNumber(
      isNegative: isNegative, limbs: chunks.map { UInt32(truncatingIfNeeded: $0) }, exponent: Self.lowest)
  }

  /// - Returns: false if the number is outside the range of sums.
  mutating func add(_ value: ExactNumber, to number: Int) -> Bool {
    let offset = value.exponent - Self.lowest
    guard value.limbs.isEmpty || offset >= 0 && offset + value.limbs.count < Self.chunks else { return false }
    carry(number)
    let first = number * Self.chunks + offset
    for (index, limb) in value.limbs.enumerated() {
      if value.isNegative { words[first + index] -= Int64(limb) } else { words[first + index] += Int64(limb) }
    }
    carry(number)
    return true
  }
}
