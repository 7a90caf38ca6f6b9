import Basics

/// Whole UTC days, `start` ≤ time < `end`, in milliseconds since 1970. Years 0000 to 9999, so differences never overflow.
package struct TimeRange: Hashable, Sendable, WireCodable {
  package let start: Int64
  package let end: Int64

  /// The widest range there is: years 0000 to 9999.
  private static let widest = -62_167_219_200_000...253_402_300_800_000 as ClosedRange<Int64>

  /// - Returns: nil unless the two are beginnings of days in the right order.
  package init?(start: Int64, end: Int64) {
    guard start <= end, TimeRange.widest.contains(start), TimeRange.widest.contains(end),
      start % ISO8601.millisecondsPerDay == 0, end % ISO8601.millisecondsPerDay == 0
    else { return nil }
    self.start = start
    self.end = end
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    let start = try reader.signed()
    let end = try reader.signed()
    guard let range = TimeRange(start: start, end: end) else {
      throw .invalid("time range from \(start) to \(end) ms")
    }
    self = range
  }

  package func encode(to writer: inout ByteWriter) {
    writer.signed(start)
    writer.signed(end)
  }

  var milliseconds: Int64 { end - start }

  @inline(__always)
  func contains(_ time: Int64) -> Bool { time >= start && time < end }

  /// Of the first day: 0 for Monday.
  var firstWeekday: Int {
    // 1970-01-01 was a Thursday.
    let remainder = (start / ISO8601.millisecondsPerDay + 3) % 7
    return Int(remainder < 0 ? remainder + 7 : remainder)
  }
}
