// The bins of histograms: values of one octave share 2^bits bins, so that relative precision is constant.

struct LogBins: Hashable, Sendable {
  let bits: Int

  /// Values below 2^(bits + 1) have a bin each; above, the bits after the highest one give the bin within its octave.
  func index(_ value: Int) -> Int {
    guard value >> (bits + 1) > 0 else { return value }
    let octave = Int.bitWidth - 1 - value.leadingZeroBitCount
    return ((octave - bits + 1) << bits) + (value >> (octave - bits)) & (1 << bits - 1)
  }

  /// The bin's first value in units of its width, and the exponent of that width: its values are
  /// from `first << shift` to before `(first + 1) << shift`.
  func range(_ index: Int) -> (first: Int, shift: Int) {
    guard index >> (bits + 1) > 0 else { return (index, 0) }
    return (1 << bits + index & (1 << bits - 1), index >> bits - 1)
  }
}
