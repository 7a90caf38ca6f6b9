/// What is counted of a user's events. The first six are the values of `swiftlet_event_type`, one of which each event has;
/// 0 is any other type. To add a counter, add a case and count it in `UserAggregates.add`.
package enum UserCount: Int, CaseIterable {
  case others, pageViews, clicks, searches, addToCarts, purchases
  /// Events in local hours 0–5, 6–11, 12–17, 18–23.
  case night, morning, afternoon, evening
  case weekend, mobile
  /// Events that have a duration.
  case dwells

  @inline(__always) package static var number: Int { UserCounts.count }
}

/// A number for each `UserCount`. Swift has no array of as many elements as an enum has cases, so the number is repeated here;
/// a test compares the two.
package typealias UserCounts = InlineArray<13, Int64>

/// The running sums of one user.
package struct UserRow: BitwiseCopyable {
  private var counts = UserCounts(repeating: 0)
  /// The days with events, in ranges of at most 64 days; the first day of the range is the lowest bit.
  package var days: UInt64 = 0
  /// The session that the user's latest event named, and in longer ranges its day, plus one: most events need no look-up.
  package var notedSession: UInt32 = 0
  package var notedDay: UInt32 = 0
  /// The page of the user's latest event that named one, plus one.
  package var notedPage: UInt32 = 0
  /// Milliseconds since 1970 UTC of the first and the last event.
  package var first = Int64.max
  package var last = Int64.min
  /// Σ price × quantity over purchases.
  package var revenue = 0.0
  /// Σ duration_ms.
  package var dwell = 0.0

  package subscript(count: UserCount) -> Int64 {
    @inline(__always) get { counts[count.rawValue] }
    @inline(__always) set { counts[count.rawValue] = newValue }
  }

  /// By the number of a `UserCount`.
  package subscript(number: Int) -> Int64 {
    @inline(__always) get { counts[number] }
    @inline(__always) set { counts[number] = newValue }
  }

  package var countsBelow128: Bool {
    var all: Int64 = 0
    for number in 0..<UserCount.number { all |= counts[number] }
    return UInt64(bitPattern: all) < 128
  }

  /// Events of any type. Sums wrap: a broken peer may have sent the counts.
  package var events: Int64 {
    self[.others] &+ self[.pageViews] &+ self[.clicks] &+ self[.searches] &+ self[.addToCarts]
      &+ self[.purchases]
  }
}
