// Exact sums of integers and decimals. Overflow shows only at the end, so it does not depend on the order of the rows.
import Columns

/// The sum of each group in 128 bits, and for decimals of over 18 digits in 192.
struct IntegerSums {
  private(set) var sums: [Int128] = []
  /// Multiples of 2¹²⁸ to add; empty if values have at most 64 bits, for then there are none.
  private(set) var carries: [Int64] = []
  private(set) var counts: [Int64] = []
  private let isWide: Bool

  init(_ type: ColumnType) { isWide = type.storage == .int128 }

  var byteCount: Int { sums.count * 16 + carries.count * 8 + counts.count * 8 }

  mutating func resize(to count: Int) {
    sums.extend(to: count, 0)
    counts.extend(to: count, 0)
    if isWide { carries.extend(to: count, 0) }
  }

  mutating func add(_ column: Column, _ loop: RowLoop) throws(QueryError) {
    loop.count(into: &counts)
    switch column.values {
    case .int32(let values): add(values, loop)
    case .int64(let values): add(values, loop)
    case .int128(let values): loop.forEach { group, row in add(values[row], group) }
    default: throw QueryError("a sum of values stored as \(column.values.storage)")
    }
  }

  private mutating func add<T: FixedWidthInteger & SignedInteger>(_ values: [T], _ loop: RowLoop) {
    if loop.isWhole, !sums.isEmpty {
      // Halves of 32 bits cannot overflow 64 bits within a batch, and the loop is vectorized.
      var low: UInt64 = 0
      var high: Int64 = 0
      values.withUnsafeBufferPointer { values in
        for row in 0..<loop.rows {
          let value = Int64(truncatingIfNeeded: values[row])
          low &+= UInt64(UInt32(truncatingIfNeeded: value))
          high &+= value >> 32
        }
      }
      sums[0] &+= Int128(high) << 32 &+ Int128(low)
      return
    }
    sums.withUnsafeMutableBufferPointer { sums in
      values.withUnsafeBufferPointer { values in
        loop.forEach { group, row in sums[group] &+= Int128(truncatingIfNeeded: values[row]) }
      }
    }
  }

  private mutating func add(_ value: Int128, _ group: Int) {
    let (sum, overflow) = sums[group].addingReportingOverflow(value)
    sums[group] = sum
    if overflow { carries[group] &+= value < 0 ? -1 : 1 }
  }

  /// The sum of a group; nil if it has over 38 digits.
  func result(_ group: Int) -> Int128? {
    guard !isWide || carries[group] == 0 else { return nil }
    return sums[group].magnitude < Self.limit ? sums[group] : nil
  }

  static let limit = (0..<38).reduce(into: UInt128(1)) { power, _ in power *= 10 }

  static func stateTypes(_ type: ColumnType) -> [ColumnType] {
    let sum = ColumnType.decimal(precision: 38, scale: 0)
    return type.storage == .int128 ? [sum, .int64, .int64] : [sum, .int64]
  }

  func partial(_ groups: [UInt32]) -> [Column] {
    [Column(.int128(sums.picked(groups))), Column(.int64(counts.picked(groups)))]
      + (isWide ? [Column(.int64(carries.picked(groups)))] : [])
  }

  mutating func merge(groups: [UInt32], _ state: [Column]) throws(QueryError) {
    try state.expect(isWide ? 3 : 2)
    let addedSums = try state[0].int128s()
    let addedCounts = try state[1].int64s()
    let addedCarries = isWide ? try state[2].int64s() : nil
    for row in addedSums.indices {
      let group = groups.isEmpty ? 0 : Int(groups[row])
      counts[group] &+= addedCounts[row]
      if let addedCarries {
        add(addedSums[row], group)
        carries[group] &+= addedCarries[row]
      } else {
        sums[group] &+= addedSums[row]
      }
    }
  }

  /// The average of a group in units of 10⁻ˢᶜᵃˡᵉ of the values, times 10^`digits`; halves are rounded away from zero.
  func average(_ group: Int, digits: Int) -> Int128? {
    let count = UInt128(counts[group].magnitude)
    var high = isWide ? Int128(carries[group]) : 0
    var low = UInt128(truncatingIfNeeded: sums[group])
    // carry · 2¹²⁸ + a signed sum, as two's complement of 256 bits.
    if sums[group] < 0 { high -= 1 }
    let isNegative = high < 0
    if isNegative {
      low = ~low &+ 1
      high = ~high &+ (low == 0 ? 1 : 0)
    }
    guard high >= 0, UInt128(high) < count else { return nil }
    var (quotient, remainder) = count.dividingFullWidth((high: UInt128(high), low: low))
    for _ in 0..<digits {
      let (next, overflow) = quotient.multipliedReportingOverflow(by: 10)
      if overflow { return nil }
      remainder *= 10
      quotient = next + remainder / count
      remainder %= count
    }
    if remainder * 2 >= count { quotient += 1 }
    guard quotient < Self.limit else { return nil }
    return isNegative ? -Int128(quotient) : Int128(quotient)
  }
}

/// `sum` and `avg` of integers and decimals.
final class IntegerSum: AggregateState {
  private let result: ColumnType
  /// Digits that the average has after those of the values; nil for sums, and for averages as doubles.
  private let averageDigits: Int?
  private let name: String
  private var sums: IntegerSums

  init(_ name: String, _ type: ColumnType, result: ColumnType) {
    self.name = name
    self.result = result
    sums = IntegerSums(type)
    if name == "avg", case .decimal(_, let scale) = type, case .decimal(_, let longer) = result {
      averageDigits = longer - scale
    } else {
      averageDigits = nil
    }
  }

  func resize(to count: Int) { sums.resize(to: count) }

  func update(groups: [UInt32], arguments: [Vector], rows: Int, selection: [UInt32]?) throws {
    let column = arguments[0].expanded(rows)
    try sums.add(column, RowLoop(groups, [column], rows: rows, selection))
  }

  func partial(_ groups: [UInt32]) -> [Column] { sums.partial(groups) }

  func merge(groups: [UInt32], state: [Column]) throws { try sums.merge(groups: groups, state) }

  func finish(_ count: Int) throws -> Column {
    let validity = (0..<count).map { sums.counts[$0] > 0 }
    if result == .double {
      return Column(
        .double((0..<count).map { validity[$0] ? Double(sums.sums[$0]) / Double(sums.counts[$0]) : 0 }),
        optional: validity)
    }
    var wide = [Int128](repeating: 0, count: count)
    for group in 0..<count where validity[group] {
      let value = averageDigits.map { sums.average(group, digits: $0) } ?? sums.result(group)
      guard let value else { throw overflow() }
      wide[group] = value
    }
    guard result == .int64 else { return Column(.int128(wide), optional: validity) }
    var narrow = [Int64](repeating: 0, count: count)
    for group in 0..<count {
      guard let value = Int64(exactly: wide[group]) else { throw overflow() }
      narrow[group] = value
    }
    return Column(.int64(narrow), optional: validity)
  }

  private func overflow() -> QueryError {
    QueryError("\(name): the result is out of range for \(result.sqlName)")
  }

  var byteCount: Int { sums.byteCount }
}
