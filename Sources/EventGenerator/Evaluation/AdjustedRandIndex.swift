/// The agreement of two clusterings, corrected for chance: 1 for identical ones, around 0 for unrelated ones (Hubert and Arabie,
/// "Comparing partitions", 1985). Label names do not matter.
package struct AdjustedRandIndex: Sendable {
  /// Contingency table: `table[a][b]` items have label a in the first and b in the second clustering.
  package private(set) var table: [[Int]]
  package private(set) var count = 0

  package init(firstLabels: Int, secondLabels: Int) {
    table = Array(repeating: Array(repeating: 0, count: secondLabels), count: firstLabels)
  }

  package mutating func add(_ first: Int, _ second: Int) {
    table[first][second] += 1
    count += 1
  }

  /// 1 if nothing was added: two empty clusterings are identical.
  package var value: Double {
    func squares(_ counts: some Sequence<Int>) -> Double { counts.reduce(0) { $0 + Double($1) * Double($1) } }
    let total = Double(count)
    // Ordered pairs: together in both clusterings, in only one, in neither.
    let both = table.reduce(0) { $0 + squares($1) }
    let first = squares(table.map { $0.reduce(0, +) }) - both
    let second =
      squares((table.first ?? []).indices.map { column in table.reduce(0) { $0 + $1[column] } }) - both
    let neither = total * total - first - second - both
    let together = both - total
    if first == 0, second == 0 { return 1 }
    return 2 * (together * neither - first * second)
      / ((together + first) * (first + neither) + (together + second) * (second + neither))
  }
}
