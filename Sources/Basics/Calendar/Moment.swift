import Foundation

// The timestamps of events and logs.

/// An instant in microseconds since 1970 UTC. `now` never goes back within a process: it is the wall clock at the process's
/// start plus the steady clock since then.
package struct Moment: Hashable, Comparable, Sendable {
  package let microseconds: Int64

  /// Accepted from files: up to the year 9999.
  package static let readable: ClosedRange<Int64> = 0...253_402_300_799_999_999

  package init(microseconds: Int64) { self.microseconds = microseconds }

  private static let origin = (
    clock: ContinuousClock.now, microseconds: Moment.byWallClock.microseconds
  )

  package static var now: Moment { Moment(ContinuousClock.now) }

  /// The machine's wall clock, which may jump: for logs that people compare with other logs.
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
    ISO8601.text(microseconds.flooredDivision(by: 1000))
  }
}
