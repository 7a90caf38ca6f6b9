/// A quarter of a local day: all that the counts of an event need of its time. Most events fall into the same one as the event
/// before.
package struct DayQuarter: BitwiseCopyable {
  private static let quarter: Int64 = 21_600_000

  private let start: Int64
  /// Six hours, or less where the UTC offset changes.
  private let length: UInt64
  /// Days since the start of the range.
  package let day: Int
  /// The number of its `UserCount`.
  package let count: Int
  /// 1 on Saturdays and Sundays, else 0.
  package let weekend: Int64

  /// - Parameter time: In the range, in milliseconds since 1970 UTC.
  package init(of time: Int64, in range: TimeRange) {
    let period = range.clock.offset(at: time)
    let (quarter, _) = DayQuarter.divide(time + period.offset, by: DayQuarter.quarter)
    let (localDay, quarterOfDay) = DayQuarter.divide(quarter, by: 4)
    let first = quarter * DayQuarter.quarter - period.offset
    start = max(first, period.start)
    length = UInt64(min(first + DayQuarter.quarter, period.end) - start)
    // Where clocks are set back over midnight, a date comes twice.
    day = max(0, min(Int(localDay) - range.firstDay, range.days - 1))
    count = UserCount.night.rawValue + Int(quarterOfDay)
    // 1970-01-01 was a Thursday.
    weekend = DayQuarter.divide(localDay + 3, by: 7).remainder >= 5 ? 1 : 0
  }

  @inline(__always)
  package func contains(_ time: Int64) -> Bool { UInt64(bitPattern: time &- start) < length }

  /// Rounds down.
  private static func divide(_ value: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
