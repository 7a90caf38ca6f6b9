// Exactly rounded sums of doubles for many groups: they do not depend on the order of the rows or on how they were divided.
import Basics
import Columns

/// One sum of doubles for each group. As long as two doubles hold the sum exactly, they do; what does not fit goes to an
/// ``ExactAccumulators`` of the group. Infinities and NaN are noted apart, so the sum has them in whatever order they come.
struct ExactSums {
  /// The sum of both, unevaluated. −0 as `high` means that nothing was added.
  struct Pair: BitwiseCopyable {
    var high = -0.0
    var low = 0.0
  }

  enum Special {
    static let positive: UInt8 = 1
    static let negative: UInt8 = 2
    static let notANumber: UInt8 = 4
    static let minus: UInt8 = 8
  }

  private(set) var pairs: [Pair] = []
  fileprivate var wide = WideParts()

  /// What few groups need.
  fileprivate struct WideParts {
    /// By group: number in the arrays below, or −1. Shorter than the number of groups.
    var slots: [Int32] = []
    var accumulators = ExactAccumulators()
    var specials: [UInt8] = []

    func slot(_ group: Int) -> Int? { group < slots.count && slots[group] >= 0 ? Int(slots[group]) : nil }

    mutating func makeSlot(_ group: Int) -> Int {
      if let slot = slot(group) { return slot }
      slots.extend(to: group + 1, -1)
      let slot = accumulators.append()
      specials.append(0)
      slots[group] = Int32(truncatingIfNeeded: slot)
      return slot
    }

    @inline(never)
    mutating func add(_ value: Double, _ group: Int) {
      let slot = makeSlot(group)
      if value.isFinite {
        accumulators.add(value, to: slot)
      } else {
        specials[slot] |=
          value.isNaN ? Special.notANumber : value > 0 ? Special.positive : Special.negative
      }
    }
  }

  var byteCount: Int {
    pairs.count * 16 + wide.slots.count * 4 + wide.accumulators.byteCount + wide.specials.count
  }

  mutating func resize(to count: Int) { pairs.extend(to: count, Pair()) }

  func isEmpty(_ group: Int) -> Bool { pairs[group].high == 0 && pairs[group].high.sign == .minus }

  /// - Returns: false, with the pair as it was, if two doubles cannot hold the sum.
  @inline(__always)
  private static func add(_ value: Double, to pair: UnsafeMutablePointer<Pair>) -> Bool {
    let (high, error) = twoSum(pair.pointee.high, value)
    let (low, rest) = twoSum(pair.pointee.low, error)
    // NaN if anything overflowed.
    guard rest == 0 else { return false }
    pair.pointee = Pair(high: high, low: low)
    return true
  }

  /// Knuth's sum and its rounding error.
  @inline(__always)
  private static func twoSum<T: FloatAdding>(_ a: T, _ b: T) -> (T, T) {
    let sum = a + b
    let part = sum - a
    return (sum, (a - (sum - part)) + (b - part))
  }

  mutating func add(_ value: Double, group: Int) {
    // −0 becomes 0, so that the mark of an empty group stays one.
    let value = value + 0
    let fits = pairs.withUnsafeMutableBufferPointer { pairs in
      guard let base = pairs.baseAddress else { return true }
      return Self.add(value, to: base + group)
    }
    if !fits { addWide(value, group: group) }
  }

  @inline(never)
  private mutating func addWide(_ value: Double, group: Int) {
    wide.add(value, group)
    if isEmpty(group) { pairs[group].high = 0 }
  }

  mutating func add(_ values: [Double], _ loop: RowLoop) {
    if loop.isWhole, !pairs.isEmpty { return addAll(values[0..<loop.rows]) }
    var wide = WideParts()
    swap(&wide, &self.wide)
    pairs.withUnsafeMutableBufferPointer { pairs in
      values.withUnsafeBufferPointer { values in
        guard let base = pairs.baseAddress else { return }
        loop.forEach { group, row in
          let value = values[row] + 0
          if !Self.add(value, to: base + group) {
            wide.add(value, group)
            // Marks the group as not empty.
            if base[group].high == 0 { base[group].high = 0 }
          }
        }
      }
    }
    swap(&wide, &self.wide)
  }

  /// All values to group 0, in eight lanes that each hold a sum of their own.
  private mutating func addAll(_ values: ArraySlice<Double>) {
    typealias Lanes = SIMD4<Double>
    var highs = (Lanes(repeating: 0), Lanes(repeating: 0))
    var lows = highs
    values.withUnsafeBufferPointer { values in
      let wholes = values.count & ~7
      for index in stride(from: 0, to: wholes, by: 8) {
        let source = UnsafeRawPointer(values.baseAddress.unsafelyUnwrapped + index)
        let first = source.loadUnaligned(as: Lanes.self)
        let second = source.loadUnaligned(fromByteOffset: 32, as: Lanes.self)
        let (high0, error0) = Self.twoSum(highs.0, first)
        let (high1, error1) = Self.twoSum(highs.1, second)
        let (low0, rest0) = Self.twoSum(lows.0, error0)
        let (low1, rest1) = Self.twoSum(lows.1, error1)
        // NaN is not equal to 0 either.
        if any((rest0 .!= 0) .| (rest1 .!= 0)) {
          for lane in 0..<8 { add(values[index + lane], group: 0) }
        } else {
          highs = (high0, high1)
          lows = (low0, low1)
        }
      }
      if wholes > 0 {
        for lanes in [highs.0, highs.1, lows.0, lows.1] { for lane in 0..<4 { add(lanes[lane], group: 0) } }
      }
      for index in wholes..<values.count { add(values[index], group: 0) }
    }
  }

  /// Infinity or NaN, if one was added to the group.
  private func special(_ group: Int) -> Double? {
    guard let slot = wide.slot(group), wide.specials[slot] != 0 else { return nil }
    switch wide.specials[slot] {
    case Special.positive: return .infinity
    case Special.negative: return -.infinity
    default: return .nan
    }
  }

  /// The sum of a group, rounded once; 0 for an empty one.
  mutating func result(_ group: Int) -> Double {
    if wide.slot(group) == nil { return pairs[group].high + pairs[group].low + 0 }
    return special(group) ?? exact(group).rounded
  }

  /// The sum without rounding; nil if it is infinite or not a number.
  mutating func exactResult(_ group: Int) -> ExactNumber? { special(group) == nil ? exact(group) : nil }

  private mutating func exact(_ group: Int) -> ExactNumber {
    let sum = ExactNumber(pairs[group].high) + ExactNumber(pairs[group].low)
    guard let slot = wide.slot(group) else { return sum }
    return sum + wide.accumulators.value(slot)
  }
}

/// What an exact addition needs of one number or of several lanes.
protocol FloatAdding {
  static func + (a: Self, b: Self) -> Self
  static func - (a: Self, b: Self) -> Self
}

extension Double: FloatAdding {}
extension SIMD4<Double>: FloatAdding {}

// The partial results: two doubles, and bytes for the few groups that need more.
extension ExactSums {
  static let stateTypes: [ColumnType] = [.double, .double, .binary]

  mutating func partial(_ groups: [UInt32]) -> [Column] {
    var parts = StringColumn(emptyStrings: 0)
    for group in groups { wide.encode(Int(group)).withUnsafeBytes { parts.append($0) } }
    return [
      Column(.double(groups.map { pairs[Int($0)].high })), Column(.double(groups.map { pairs[Int($0)].low })),
      Column(.bytes(parts)),
    ]
  }

  mutating func merge(groups: [UInt32], _ state: ArraySlice<Column>) throws(QueryError) {
    let columns = Array(state)
    try columns.expect(3)
    let highs = try columns[0].doubles()
    let lows = try columns[1].doubles()
    let parts = try columns[2].strings()
    for row in highs.indices {
      let group = groups.isEmpty ? 0 : Int(groups[row])
      guard highs[row] != 0 || highs[row].sign == .plus else { continue }
      add(highs[row], group: group)
      add(lows[row], group: group)
      let range = parts.offsets[row]..<parts.offsets[row + 1]
      if !range.isEmpty { try wide.merge(Array(parts.bytes[range]), group) }
    }
  }
}

extension ExactSums.WideParts {
  /// Flags; the position of the first limb that is not zero; the limbs.
  mutating func encode(_ group: Int) -> [UInt8] {
    guard let slot = slot(group) else { return [] }
    let sum = accumulators.value(slot)
    var writer = ByteWriter()
    writer.integer(specials[slot] | (sum.isNegative ? ExactSums.Special.minus : 0))
    writer.integer(Int16(truncatingIfNeeded: sum.exponent))
    writer.array(sum.limbs)
    return writer.bytes
  }

  mutating func merge(_ bytes: [UInt8], _ group: Int) throws(QueryError) {
    let slot = makeSlot(group)
    do throws(WireError) {
      var reader = ByteReader(bytes)
      let flags: UInt8 = try reader.integer()
      let exponent: Int16 = try reader.integer()
      let limbs: [UInt32] = try reader.array()
      try reader.expectEnd()
      guard flags < 16 else { throw .invalid("flags \(flags)") }
      specials[slot] |= flags & 7
      let number = ExactNumber(
        isNegative: flags & ExactSums.Special.minus != 0, limbs: limbs, exponent: Int(exponent))
      guard accumulators.add(number, to: slot) else { throw .invalid("exponent \(exponent)") }
    } catch {
      throw QueryError("the partial result of a sum of doubles is damaged: \(error)")
    }
  }
}
