/// Bounds of the values of a column: no value is outside the bounds, but the bounds need not be actual values.
public struct ColumnRange: Hashable, Sendable {
  public enum Bounds: Hashable, Sendable {
    /// Booleans, integers, timestamps.
    case integers(ClosedRange<Int64>)
    case numbers(ClosedRange<Double>)
    /// UTF-8 or raw bytes, compared as unsigned bytes.
    case bytes(low: [UInt8], high: [UInt8])
  }

  /// nil if unknown, or if all values are null.
  public var bounds: Bounds?
  /// nil if unknown.
  public var nulls: Int?

  public init(bounds: Bounds?, nulls: Int?) {
    self.bounds = bounds
    self.nulls = nulls
  }
}
