import Foundation

/// A time of day, in microseconds since 1970 UTC. Those of one process never go back: they are the time of day of its start and
/// what its steady clock has counted since.
package struct Moment: Hashable, Comparable, Sendable {
  package let microseconds: Int64

  /// What a file may claim: to the year 9999.
  package static let readable: ClosedRange<Int64> = 0...253_402_300_799_999_999

  package init(microseconds: Int64) { self.microseconds = microseconds }

  private static let origin = (
    clock: ContinuousClock.now, microseconds: Moment.byWallClock.microseconds
  )

  package static var now: Moment { Moment(ContinuousClock.now) }

  /// By the machine's wall clock, which may be set: for what people compare with other logs.
  package static var byWallClock: Moment { Moment(microseconds: Int64(Date().timeIntervalSince1970 * 1e6)) }

  package init(_ instant: ContinuousClock.Instant) {
    let passed = (instant - Moment.origin.clock) / .microseconds(1)
    microseconds = Moment.origin.microseconds + Int64(passed)
  }

  package static func < (a: Moment, b: Moment) -> Bool { a.microseconds < b.microseconds }

  package func advanced(by time: Duration) -> Moment {
    Moment(microseconds: microseconds + Int64(time / .microseconds(1)))
  }

  package func seconds(since other: Moment) -> Double { Double(microseconds - other.microseconds) / 1e6 }

  /// `2026-11-25T22:13:03.123Z`
  package var text: String {
    var time = time_t(microseconds.flooredDivision(by: 1_000_000))
    var parts = tm()
    gmtime_r(&time, &parts)
    let milliseconds = Int(microseconds - Int64(time) * 1_000_000) / 1000
    func padded(_ value: Int, _ digits: Int) -> String {
      let text = String(value)
      return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
    let date = [Int(parts.tm_year) + 1900, Int(parts.tm_mon) + 1, Int(parts.tm_mday)]
    let clock = [Int(parts.tm_hour), Int(parts.tm_min), Int(parts.tm_sec)]
    return padded(date[0], 4) + date.dropFirst().map { "-" + padded($0, 2) }.joined() + "T"
      + clock.map { padded($0, 2) }.joined(separator: ":") + "." + padded(milliseconds, 3) + "Z"
  }
}

extension Int64 {
  fileprivate func flooredDivision(by divisor: Int64) -> Int64 {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }
}
