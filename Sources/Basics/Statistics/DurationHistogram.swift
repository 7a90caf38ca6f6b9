/// Counts durations in classes that are an eighth of a power of two wide, so that a quantile costs no list and no sorting:
/// 16 to an octave would be finer than clocks are, and one is far too coarse to tell a slow task by.
package struct DurationHistogram: Sendable {
  private static let perOctave = 8
  private var counts: [UInt32] = []
  private var total = 0

  package init() {}

  package mutating func add(microseconds: Int) {
    let index = Self.index(microseconds)
    if index >= counts.count {
      counts.append(contentsOf: repeatElement(0, count: index + 1 - counts.count))
    }
    counts[index] &+= 1
    total += 1
  }

  /// The upper end of the class that holds the median, microseconds; nil while there is nothing.
  package var median: Double? {
    guard total > 0 else { return nil }
    var left = (total + 1) / 2
    for (index, count) in counts.enumerated() {
      left -= Int(count)
      if left <= 0 { return Self.upperEnd(index) }
    }
    return nil
  }

  /// 0 to 7 have a class each; above, the three bits after the highest one number the class within its octave.
  private static func index(_ microseconds: Int) -> Int {
    let value = max(microseconds, 0)
    guard value >= perOctave else { return value }
    let octave = Int.bitWidth - 1 - value.leadingZeroBitCount
    return perOctave * (octave - 2) + (value >> (octave - 3)) & 7
  }

  private static func upperEnd(_ index: Int) -> Double {
    guard index >= perOctave else { return Double(index) }
    let octave = index / perOctave + 2
    return Double(sign: .plus, exponent: octave - 3, significand: Double(perOctave + index % perOctave + 1))
  }
}
