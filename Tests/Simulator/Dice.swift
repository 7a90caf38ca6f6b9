/// SplitMix64 (Steele, Lea, Flood 2014): the same seed gives the same sequence on every machine.
struct Dice: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 0x1234_5678_9ABC_DEF1 }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return mix(state)
  }

  mutating func chance(_ probability: Double) -> Bool {
    probability > 0 && Double(next() >> 11) * 0x1p-53 < probability
  }

  mutating func pick(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(next() % UInt64(range.upperBound - range.lowerBound + 1))
  }

  mutating func element<Element>(of items: [Element]) -> Element? {
    items.isEmpty ? nil : items[pick(0...items.count - 1)]
  }

  /// Returns a time in microseconds. Most are short, because the exponent is uniform.
  mutating func time(_ range: ClosedRange<Int>) -> Int {
    var high = range.upperBound
    let steps = pick(0...10)
    for _ in 0..<steps where high / 2 > range.lowerBound { high /= 2 }
    return pick(range.lowerBound...max(high, range.lowerBound))
  }
}

func mix(_ value: UInt64) -> UInt64 {
  var z = value
  z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
  z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
  return z ^ (z >> 31)
}

func mix(_ values: UInt64...) -> UInt64 { values.reduce(0) { mix($0 &* 31 &+ $1 &+ 0x9E37_79B9) } }
