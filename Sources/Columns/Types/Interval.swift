/// A span of time as in SQL. Months and days have no fixed length, so the three parts stay apart.
public struct Interval: Hashable, Sendable, BitwiseCopyable {
  public var months: Int32
  public var days: Int32
  public var microseconds: Int64

  @inlinable public init(months: Int32 = 0, days: Int32 = 0, microseconds: Int64 = 0) {
    self.months = months
    self.days = days
    self.microseconds = microseconds
  }
}
