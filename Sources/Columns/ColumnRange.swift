/// Bounds of the values of a column: no value is outside, but the bounds need not be values themselves.
package struct ColumnRange: Hashable, Sendable {
  package enum Bounds: Hashable, Sendable {
    /// Booleans, integers, timestamps.
    case integers(ClosedRange<Int64>)
    case numbers(ClosedRange<Double>)
    /// UTF-8 or bytes, in the order of bytes without sign.
    case bytes(low: [UInt8], high: [UInt8])
  }

  /// nil if not known, or if there is no value but null.
  package var bounds: Bounds?
  /// nil if not known.
  package var nulls: Int?

  package init(bounds: Bounds?, nulls: Int?) {
    self.bounds = bounds
    self.nulls = nulls
  }
}
