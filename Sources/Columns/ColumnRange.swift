/// Bounds of the values of a column: no value is outside the bounds, but the bounds need not be actual values.
package struct ColumnRange: Hashable, Sendable {
  package enum Bounds: Hashable, Sendable {
    /// Booleans, integers, timestamps.
    case integers(ClosedRange<Int64>)
    case numbers(ClosedRange<Double>)
    /// UTF-8 or raw bytes, compared as unsigned bytes.
    case bytes(low: [UInt8], high: [UInt8])
  }

  /// nil if unknown, or if all values are null.
  package var bounds: Bounds?
  /// nil if unknown.
  package var nulls: Int?

  package init(bounds: Bounds?, nulls: Int?) {
    self.bounds = bounds
    self.nulls = nulls
  }
}
