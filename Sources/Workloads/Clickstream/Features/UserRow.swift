/// What is counted of a user's events. The first six are the numbers of `swiftlet_event_type`; 0, any other type, counts
/// in `events` alone.
enum UserCount: Int, CaseIterable {
  case events, pageViews, clicks, searches, addToCarts, purchases
  /// Events in UTC hours 0–5, 6–11, 12–17, 18–23.
  case night, morning, afternoon, evening
  case weekend, mobile
  /// Events that have a duration.
  case dwells

  static let number = 13
}

/// The running sums of one user.
struct UserRow: BitwiseCopyable {
  private var counts = InlineArray<13, Int64>(repeating: 0)
  /// Σ price × quantity over purchases.
  var revenue = 0.0
  /// Σ duration_ms.
  var dwell = 0.0
  /// Milliseconds since 1970 UTC of the first and the last event.
  var first = Int64.max
  var last = Int64.min
  /// The day that was noted last, in days since the start of the range: most events need no look-up.
  var notedDay = -1
  /// The session that the user's latest event named, for the same reason.
  var notedSession = -1

  subscript(count: UserCount) -> Int64 {
    @inline(__always) get { counts[count.rawValue] }
    @inline(__always) set { counts[count.rawValue] = newValue }
  }

  /// By the number of a `UserCount`.
  subscript(number: Int) -> Int64 {
    @inline(__always) get { counts[number] }
    @inline(__always) set { counts[number] = newValue }
  }
}
