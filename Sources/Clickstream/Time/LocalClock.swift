import Basics

/// The UTC offsets of a time zone over a period, as a small table: workers need no time zone data, and all of them use the same.
package struct LocalClock: Hashable, Sendable, WireCodable {
  /// A stretch of time with one UTC offset, up to the start of the next one.
  struct Period: Hashable, Sendable {
    /// Milliseconds since 1970 UTC.
    let start: Int64
    /// Local time minus UTC, milliseconds.
    let offset: Int64
  }

  static let day = ISO8601.millisecondsPerDay
  package static let utc = LocalClock([Period(start: .min, offset: 0)])
  /// Dates that time zones other than UTC are limited to: 1900-01-01 to 2199-12-31.
  static let dates = TimeZoneTable.days
  /// More than any offset from UTC.
  private static let longestOffset = 26 * 3_600_000 as UInt64

  /// Not empty; the first one starts at `.min`.
  private let periods: [Period]

  private init(_ periods: [Period]) { self.periods = periods }

  /// - Parameters:
  ///   - timeZone: An IANA name.
  ///   - days: Local dates, in days since 1970-01-01, within `dates`.
  /// - Returns: nil if there is no such time zone.
  init?(timeZone: String, days: ClosedRange<Int>) {
    guard let table = TimeZoneTable(timeZone, days: days) else { return nil }
    periods = table.changes.map {
      Period(start: $0.start == .min ? .min : $0.start * 1000, offset: $0.offset * 1000)
    }
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    var periods: [Period] = []
    for _ in 0..<(try reader.count()) {
      let period = Period(start: try reader.signed(), offset: try reader.signed())
      guard periods.last?.start ?? .min <= period.start, (periods.isEmpty) == (period.start == .min),
        period.offset.magnitude <= LocalClock.longestOffset
      else { throw .invalid("UTC offset \(period.offset) from \(period.start)") }
      periods.append(period)
    }
    guard !periods.isEmpty else { throw .invalid("a clock without an offset") }
    self.periods = periods
  }

  package func encode(to writer: inout ByteWriter) {
    writer.count(periods.count)
    for period in periods {
      writer.signed(period.start)
      writer.signed(period.offset)
    }
  }

  /// For the parameters of a manifest: time zone data changes from time to time.
  var text: String { periods.map { "\($0.offset)@\($0.start)" }.joined(separator: ",") }

  /// The offset at a time, and the start and end of the stretch with this offset.
  func offset(at time: Int64) -> (offset: Int64, start: Int64, end: Int64) {
    var low = 0
    var high = periods.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if periods[middle].start <= time { low = middle } else { high = middle }
    }
    return (periods[low].offset, periods[low].start, high < periods.count ? periods[high].start : .max)
  }

  /// The local date, in days since 1970-01-01. Wraps for times beyond all dates.
  package func day(of time: Int64) -> Int {
    let local = time &+ offset(at: time).offset
    return Int(local >= 0 ? local / LocalClock.day : (local + 1) / LocalClock.day - 1)
  }

  /// The first instant of a local date. Where midnight is skipped, the first instant after it.
  func start(ofDay day: Int) -> Int64 {
    let local = Int64(day) * LocalClock.day
    for (index, period) in periods.enumerated() {
      let end = index + 1 < periods.count ? periods[index + 1].start : .max
      let time = local - period.offset
      if time < end { return max(time, period.start) }
    }
    return local
  }
}
