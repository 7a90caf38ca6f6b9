import EventGenerator
import Testing

/// Expected values: scikit-learn 1.9, `adjusted_rand_score`.
@Suite struct AdjustedRandIndexTests {
  func index(_ first: [Int], _ second: [Int]) -> Double {
    var index = AdjustedRandIndex(
      firstLabels: (first.max() ?? -1) + 1, secondLabels: (second.max() ?? -1) + 1)
    for (a, b) in zip(first, second) { index.add(a, b) }
    return index.value
  }

  @Test(
    arguments: [
      ([0, 0, 1, 1], [0, 0, 1, 2], 0.5714285714285714), ([0, 1, 0, 1], [0, 0, 1, 1], -0.5),
      ([0, 0, 1, 1], [1, 1, 0, 0], 1), ([0, 0, 0], [0, 0, 0], 1), ([0, 1, 2], [2, 0, 1], 1), ([], [], 1),
      ([0, 0, 0, 0], [0, 1, 2, 3], 0),
      ([0, 1, 2, 0, 1, 2, 0, 1], [0, 0, 0, 1, 1, 1, 2, 2], -1.0 / 3),
    ] as [([Int], [Int], Double)])
  func knownValues(first: [Int], second: [Int], expected: Double) {
    #expect(abs(index(first, second) - expected) < 1e-12)
    #expect(abs(index(second, first) - expected) < 1e-12)
  }

  @Test func largeCountsDoNotOverflow() {
    var index = AdjustedRandIndex(firstLabels: 2, secondLabels: 2)
    for thing in 0..<200_000 { index.add(thing % 2, thing % 2) }
    #expect(index.value == 1)
    #expect(index.count == 200_000)
  }
}
