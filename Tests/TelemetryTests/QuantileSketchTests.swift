import Basics
import Testing

@Suite struct QuantileSketchTests {
  @Test(arguments: [1, 2, 3, 10, 1000, 20_000])
  func isRightToThreePercent(count: Int) throws {
    var state: UInt64 = 42
    var values: [Int] = []
    var sketch = QuantileSketch()
    for _ in 0..<count {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      // Over twelve orders of magnitude.
      let value = Int(state >> 24) >> Int(state & 31)
      values.append(value)
      sketch.add(value)
    }
    values.sort()
    for share in [0, 0.01, 0.25, 0.5, 0.75, 0.95, 0.999, 1] {
      let exact = values[max(0, Int((share * Double(count)).rounded(.up)) - 1)]
      let found = try #require(sketch.quantile(share))
      #expect(abs(found - exact) <= exact / 30 + 1, "share \(share): \(found) for \(exact)")
    }
    #expect(sketch.largest == values.last && sketch.smallest == values.first && sketch.count == count)
  }

  @Test func smallNumbersAreExact() {
    for value in 0..<32 {
      var sketch = QuantileSketch()
      for other in [value, value, value + 40] { sketch.add(other) }
      #expect(sketch.quantile(0.5) == value)
    }
  }

  @Test func emptyAndExtremeValues() {
    var sketch = QuantileSketch()
    #expect(sketch.quantile(0.5) == nil)
    sketch.add(-5)
    sketch.add(.max)
    #expect(sketch.quantile(0) == 0 && sketch.quantile(1) == .max)
  }
}
