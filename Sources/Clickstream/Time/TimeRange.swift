import Basics

/// Whole days of a time zone, `start` ≤ time < `end`, in milliseconds since 1970. Years 0000 to 9999, so differences never
/// overflow.
package struct TimeRange: Hashable, Sendable, WireCodable {
  package let start: Int64
  package let end: Int64
  /// The first local date, in days since 1970-01-01.
  let firstDay: Int
  /// How many local dates there are.
  package let days: Int
  package let clock: LocalClock

  /// The widest range in UTC: years 0000 to 9999.
  private static let widest = -62_167_219_200_000...253_402_300_800_000 as ClosedRange<Int64>

  /// UTC days.
  /// - Returns: nil unless the two are midnights in the right order.
  package init?(start: Int64, end: Int64) {
    guard start <= end, TimeRange.widest.contains(start), TimeRange.widest.contains(end),
      start % LocalClock.day == 0, end % LocalClock.day == 0
    else { return nil }
    self.init(
      start: start, end: end, firstDay: Int(start / LocalClock.day),
      days: Int((end - start) / LocalClock.day),
      clock: .utc)
  }

  /// Days of a time zone other than UTC, within `LocalClock.dates`.
  /// - Returns: nil if there is no such time zone.
  package init?(timeZone: String, days: ClosedRange<Int>) {
    guard let clock = LocalClock(timeZone: timeZone, days: days) else { return nil }
    self.init(
      start: clock.start(ofDay: days.lowerBound), end: clock.start(ofDay: days.upperBound + 1),
      firstDay: days.lowerBound, days: days.count, clock: clock)
  }

  private init(start: Int64, end: Int64, firstDay: Int, days: Int, clock: LocalClock) {
    self.start = start
    self.end = end
    self.firstDay = firstDay
    self.days = days
    self.clock = clock
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    let start = try reader.signed()
    let end = try reader.signed()
    let firstDay = try reader.signed()
    let days = try reader.count()
    let clock: LocalClock = try reader.value()
    // A day has at most 25 hours, or two days where an island changes sides of the date line.
    let most = (end &- start) / (LocalClock.day / 2) + 2
    guard TimeRange.widest.contains(start), TimeRange.widest.contains(end), start <= end, days <= most,
      firstDay.magnitude < 1 << 40
    else { throw .invalid("\(days) days from \(start) to \(end) ms") }
    self.init(start: start, end: end, firstDay: Int(firstDay), days: days, clock: clock)
  }

  package func encode(to writer: inout ByteWriter) {
    writer.signed(start)
    writer.signed(end)
    writer.signed(Int64(firstDay))
    writer.count(days)
    writer.value(clock)
  }

  @inline(__always)
  func contains(_ time: Int64) -> Bool { time >= start && time < end }
}
