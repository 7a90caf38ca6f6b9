// Durations of tasks, for the detection of slow ones.

/// Counts durations in bins an eighth of a power of two wide, so that a quantile needs no list and no sorting.
/// 16 bins per octave would be finer than clocks; one is too coarse to detect a slow task.
package struct DurationHistogram: Sendable {
  private static let bins = LogBins(bits: 3)
  private var counts: [UInt32] = []
  private var total = 0

  package init() {}

  package mutating func add(microseconds: Int) {
    let index = Self.bins.index(max(microseconds, 0))
    if index >= counts.count {
      counts.append(contentsOf: repeatElement(0, count: index + 1 - counts.count))
    }
    counts[index] &+= 1
    total += 1
  }

  /// The upper bound of the median's bin, in microseconds; nil if empty.
  package var median: Double? {
    guard total > 0 else { return nil }
    var left = (total + 1) / 2
    for (index, count) in counts.enumerated() {
      left -= Int(count)
      if left <= 0 { return Self.upperEnd(index) }
    }
    return nil
  }

  private static func upperEnd(_ index: Int) -> Double {
    let (first, shift) = bins.range(index)
    // Values below 8 are their own upper bound.
    return index < 8 ? Double(first) : Double(sign: .plus, exponent: shift, significand: Double(first + 1))
  }
}
