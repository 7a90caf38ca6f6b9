// Quantiles of task times and sizes, for pages.

/// Quantiles of many numbers in little memory: counts in bins a sixteenth of a power of two wide, so that each answer
/// is accurate to about 3 %.
package struct QuantileSketch: Hashable, Sendable {
  private static let bins = LogBins(bits: 4)

  private var counts: [UInt32] = []
  package private(set) var count = 0
  package private(set) var largest = 0
  package private(set) var smallest = Int.max

  package init() {}

  package mutating func add(_ value: Int) {
    let value = max(value, 0)
    let index = QuantileSketch.bins.index(value)
    if index >= counts.count { counts.append(contentsOf: repeatElement(0, count: index + 1 - counts.count)) }
    counts[index] = counts[index] == .max ? .max : counts[index] + 1
    count += 1
    largest = max(largest, value)
    smallest = min(smallest, value)
  }

  /// The smallest value that at least this share of the values do not exceed; nil if empty.
  package func quantile(_ share: Double) -> Int? {
    guard count > 0 else { return nil }
    if share <= 0 { return smallest }
    let wanted = max(1, Int((share * Double(count)).rounded(.up)))
    guard wanted < count else { return largest }
    var seen = 0
    for (index, number) in counts.enumerated() {
      seen += Int(number)
      if seen >= wanted { return min(max(QuantileSketch.middle(index), smallest), largest) }
    }
    return largest
  }

  private static func middle(_ index: Int) -> Int {
    let (first, shift) = bins.range(index)
    return (first << shift) + (1 << shift) / 2
  }
}
