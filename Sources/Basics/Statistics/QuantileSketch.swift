/// Quantiles of many numbers in little memory: counts in classes that are a sixteenth of a power of two wide, so that each answer
/// is right to about 3 %.
package struct QuantileSketch: Hashable, Sendable {
  private static let perOctave = 16
  private static let exact = 32

  private var counts: [UInt32] = []
  package private(set) var count = 0
  package private(set) var largest = 0
  package private(set) var smallest = Int.max

  package init() {}

  package mutating func add(_ value: Int) {
    let value = max(value, 0)
    let index = QuantileSketch.index(value)
    if index >= counts.count { counts.append(contentsOf: repeatElement(0, count: index + 1 - counts.count)) }
    counts[index] = counts[index] == .max ? .max : counts[index] + 1
    count += 1
    largest = max(largest, value)
    smallest = min(smallest, value)
  }

  /// The smallest value that at least that share of the values do not exceed; nil where there are none.
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

  /// Below 32 every number has a class of its own; above, the four bits after the highest one number the class in its octave.
  private static func index(_ value: Int) -> Int {
    guard value >= exact else { return value }
    let octave = Int.bitWidth - 1 - value.leadingZeroBitCount
    return exact + (octave - 5) * perOctave + (value >> (octave - 4)) & 15
  }

  private static func middle(_ index: Int) -> Int {
    guard index >= exact else { return index }
    let octave = (index - exact) / perOctave + 5
    let low = (perOctave + (index - exact) % perOctave) << (octave - 4)
    return low + (1 << (octave - 4)) / 2
  }
}
