/// A quarter of a UTC day: all that the counts of an event need of its time. Most events lie in that of the event before.
struct DayQuarter: BitwiseCopyable {
  private static let milliseconds: Int64 = 21_600_000

  private let start: Int64
  /// Since the start of the range.
  let day: Int
  /// Which of a row's counts it is.
  let count: Int
  /// 1 on Saturdays and Sundays, else 0.
  let weekend: Int64

  /// - Parameter time: In the range, in milliseconds since 1970 UTC.
  init(of time: Int64, in range: TimeRange, firstWeekday: Int) {
    let quarter = (time - range.start) / DayQuarter.milliseconds
    start = range.start + quarter * DayQuarter.milliseconds
    day = Int(quarter / 4)
    count = UserCount.night.rawValue + Int(quarter % 4)
    weekend = (firstWeekday + day) % 7 >= 5 ? 1 : 0
  }

  @inline(__always)
  func contains(_ time: Int64) -> Bool {
    UInt64(bitPattern: time &- start) < UInt64(DayQuarter.milliseconds)
  }
}
