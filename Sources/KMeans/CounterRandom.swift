/// Random numbers as a pure function of (seed, stream, index), so that a row gets the same number regardless of which task
/// reads it. Mixes with SplitMix64 (Steele, Lea, Flood 2014), once for each of the three arguments.
package enum CounterRandom {
  @inline(__always)
  package static func bits(seed: UInt64, stream: UInt64, index: UInt64) -> UInt64 {
    mix(mix(mix(seed) ^ stream) ^ index)
  }

  /// Uniform in [0, 1), 53 bits.
  @inline(__always)
  package static func uniform(seed: UInt64, stream: UInt64, index: UInt64) -> Double {
    Double(bits(seed: seed, stream: stream, index: index) >> 11) * 0x1p-53
  }

  @inline(__always)
  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9e37_79b9_7f4a_7c15
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

/// The purpose of a random number; streams are independent.
package enum RandomStream {
  package static let firstCentroid: UInt64 = 1
  package static let sample: UInt64 = 2
  package static func candidates(round: Int) -> UInt64 { 1 << 32 | UInt64(round) }
  package static func seeding(clusters: Int, restart: Int) -> UInt64 {
    2 << 60 | UInt64(clusters) << 24 | UInt64(restart)
  }
}
