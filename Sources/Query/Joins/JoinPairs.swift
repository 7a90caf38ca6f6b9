/// Pairs of a left and a right row, in order, of one left batch. A right row of −1 stands for nulls.
struct JoinPairs {
  private(set) var left: [UInt32] = []
  private(set) var right: [Int32] = []
  /// Left rows whose pairs are all there, and the number of pairs up to each row's end.
  private var ends: [(row: UInt32, pairs: Int)] = []

  var count: Int { left.count }

  static func leftRows(_ rows: [Int]) -> JoinPairs {
    var pairs = JoinPairs()
    pairs.left = rows.map { UInt32($0) }
    pairs.right = Array(repeating: -1, count: rows.count)
    return pairs
  }

  mutating func append(_ leftRow: Int, _ rightRow: Int) {
    left.append(UInt32(truncatingIfNeeded: leftRow))
    right.append(Int32(truncatingIfNeeded: rightRow))
  }

  mutating func end(_ row: Int) { ends.append((UInt32(row), left.count)) }

  mutating func removeAll() {
    left.removeAll(keepingCapacity: true)
    right.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
  }

  /// Keeps the pairs with these numbers, ascending.
  mutating func keep(_ numbers: [UInt32]) {
    guard numbers.count < left.count else { return }
    var kept = 0
    for index in ends.indices {
      while kept < numbers.count, Int(numbers[kept]) < ends[index].pairs { kept += 1 }
      ends[index].pairs = kept
    }
    left = numbers.map { left[Int($0)] }
    right = numbers.map { right[Int($0)] }
  }

  /// Adds a pair with nulls for each ended row that has not matched, in its place.
  mutating func addUnmatched(_ matched: [Bool]) {
    guard ends.contains(where: { !matched[Int($0.row)] }) else { return }
    var merged = JoinPairs()
    var next = 0
    for (row, end) in ends {
      while next < end {
        merged.append(Int(left[next]), Int(right[next]))
        next += 1
      }
      if !matched[Int(row)] { merged.append(Int(row), -1) }
    }
    while next < left.count {
      merged.append(Int(left[next]), Int(right[next]))
      next += 1
    }
    self = merged
  }
}
