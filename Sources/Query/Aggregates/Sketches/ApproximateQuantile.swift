import Columns

/// `approx_quantile` and `approx_percentile`: counts of values in buckets whose bounds are at most 0.4 % apart. The result is the bound
/// of the bucket that is nearer to zero, so whole numbers up to 512 are exact. It does not depend on the order of the values.
final class ApproximateQuantile: AggregateState {
  private var counts = BucketCounts()
  private var fractions: Fractions
  private var groupCount = 0
  private var sorted: BucketCounts.Sorted?

  init(_ name: String, fraction: ColumnType) { fractions = Fractions(name, fraction) }

  /// The sign, the exponent, and the eight highest bits of the fraction of a double; NaN is the last bucket.
  @inline(__always)
  private static func bucket(_ value: Double) -> Int32 {
    Int32(truncatingIfNeeded: OrderKeys.key(value) >> 44)
  }

  /// The bound of the bucket that is nearer to zero.
  private static func bound(_ bucket: Int32) -> Double {
    let key = Int64(bucket) << 44
    if bucket >= 0 { return Double(bitPattern: UInt64(key)) }
    return Double(bitPattern: UInt64(bitPattern: (key | 0xfff_ffff_ffff) ^ .max))
  }

  func resize(to count: Int) {
    groupCount = max(groupCount, count)
    sorted = nil
  }

  func update(groups: [UInt32], arguments: [Vector], rows: Int, selection: [UInt32]?) throws {
    let column = arguments[0].expanded(rows)
    let loop = RowLoop(groups, [column], rows: rows, selection)
    try fractions.add(arguments[1], loop)
    let values = try column.doubles()
    sorted = nil
    loop.forEach { group, row in counts.add(1, group: group, bucket: Self.bucket(values[row])) }
  }

  private func settle() -> BucketCounts.Sorted {
    if let sorted { return sorted }
    let settled = counts.sorted(groups: groupCount)
    sorted = settled
    return settled
  }

  func partial(_ groups: [UInt32]) -> [Column] {
    let sorted = settle()
    var buckets: [Int32] = []
    var counts: [Int64] = []
    var offsets = [0]
    for group in groups {
      let range = sorted.starts[Int(group)]..<sorted.starts[Int(group) + 1]
      buckets += sorted.buckets[range]
      counts += sorted.counts[range]
      offsets.append(buckets.count)
    }
    return [
      Column(.list(ListColumn(offsets: offsets, elements: Column(.int32(buckets))))),
      Column(.list(ListColumn(offsets: offsets, elements: Column(.int64(counts))))),
      fractions.column(groups.count),
    ]
  }

  func merge(groups: [UInt32], state: [Column]) throws {
    try state.expect(3)
    let buckets = try state[0].lists()
    let counts = try state[1].lists()
    let bucketNumbers = try buckets.elements.int32s()
    let numbers = try counts.elements.int64s()
    guard buckets.offsets == counts.offsets else {
      throw QueryError("the partial result of an approximate quantile is damaged")
    }
    let filled = (0..<buckets.count).map { buckets.offsets[$0] < buckets.offsets[$0 + 1] }
    let loop = RowLoop(merging: groups, state, validity: filled)
    try fractions.add(state[2], loop)
    sorted = nil
    loop.forEach { group, row in
      for index in buckets.offsets[row]..<buckets.offsets[row + 1] {
        self.counts.add(numbers[index], group: group, bucket: bucketNumbers[index])
      }
    }
  }

  func finish(_ count: Int) throws -> Column {
    let sorted = settle()
    let numbers = fractions.numbers
    var results: [Double?] = []
    for group in 0..<count {
      let range = sorted.starts[group]..<sorted.starts[group + 1]
      let total = sorted.counts[range].reduce(0, &+)
      for number in numbers {
        guard let number, total > 0 else {
          results.append(nil)
          continue
        }
        let wanted = max(1, (number * Double(total)).rounded(.up))
        var seen: Int64 = 0
        let bucket = range.first { index in
          seen &+= sorted.counts[index]
          return Double(seen) >= wanted
        }
        results.append(Self.bound(sorted.buckets[bucket ?? range.upperBound - 1]))
      }
    }
    let column = Column(.double(results.map { $0 ?? 0 }), optional: results.map { $0 != nil })
    guard fractions.isList else { return numbers.isEmpty ? .nulls(.double, count: count) : column }
    return Column(
      .list(ListColumn(offsets: (0...count).map { $0 * numbers.count }, elements: column)),
      optional: (0..<count).map { sorted.starts[$0] < sorted.starts[$0 + 1] })
  }

  var byteCount: Int { counts.byteCount + groupCount * 8 }
}
