import CSimdJSON
import Wire

/// The features of users in the making, of events or of other such aggregates. Both are sums, minima, maxima and unions, so that
/// parts merge to exactly what all events at once would give (floating-point sums: in the order of the parts).
package struct UserAggregates: ~Copyable {
  /// First and last event of a session that has a name.
  struct Span: BitwiseCopyable {
    var first: Int64
    var last: Int64
  }

  let range: TimeRange
  private let firstWeekday: Int

  var users = StringTable()
  /// One a user, as the tables number them.
  var rows = FlatArray<UserRow>()
  /// Names of sessions, owned by their users.
  var sessions = StringTable()
  /// One a session.
  var spans = FlatArray<Span>()
  var idle: IdleSessions
  var pages = StringTable()
  /// Which user saw which page.
  var userPages = PairSet()
  /// Which user was active on which day of the range.
  var userDays = PairSet()

  /// - Parameter sessionGap: Milliseconds without an event that end a session without a name.
  package init(range: TimeRange, sessionGap: Int64) {
    self.range = range
    firstWeekday = range.firstWeekday
    idle = IdleSessions(gap: sessionGap)
  }

  /// Bytes of memory: a function of what was added, in its order.
  package var byteCount: Int {
    users.byteCount + rows.bytes + sessions.byteCount + spans.bytes + idle.byteCount + pages.byteCount
      + userPages.byteCount + userDays.byteCount
  }

  @inline(__always)
  mutating func user(_ id: UnsafeRawBufferPointer) throws(TaskFailure) -> Int {
    let user = try users.intern(id)
    if user == rows.count { rows.append(UserRow()) }
    return user
  }

  /// Takes in an event whose timestamp is within the range.
  package mutating func add(_ event: UnsafePointer<swiftlet_event>) throws(TaskFailure) {
    let user = try user(
      UnsafeRawBufferPointer(start: event.pointee.user, count: Int(event.pointee.user_length)))
    let row = rows.base + user
    let time = event.pointee.timestamp
    let (day, timeOfDay) = (time - range.start).quotientAndRemainder(dividingBy: ISO8601.millisecondsPerDay)
    let type = Int(event.pointee.type)

    row.pointee[.events] += 1
    if type > 0 { row.pointee[type] += 1 }
    row.pointee[UserCount.night.rawValue + Int(timeOfDay / 21_600_000)] += 1
    if (firstWeekday + Int(day)) % 7 >= 5 { row.pointee[.weekend] += 1 }
    if event.pointee.is_mobile { row.pointee[.mobile] += 1 }
    if !event.pointee.duration.isNaN {
      row.pointee[.dwells] += 1
      row.pointee.dwell += event.pointee.duration
    }
    if type == UserCount.purchases.rawValue, !event.pointee.price.isNaN {
      row.pointee.revenue += event.pointee.price * (event.pointee.quantity.isNaN ? 1 : event.pointee.quantity)
    }
    row.pointee.first = min(row.pointee.first, time)
    row.pointee.last = max(row.pointee.last, time)

    if row.pointee.notedDay != Int(day) {
      row.pointee.notedDay = Int(day)
      _ = userDays.insert(user, Int(day))
    }
    if let page = event.pointee.page {
      let string = UnsafeRawBufferPointer(start: page, count: Int(event.pointee.page_length))
      _ = userPages.insert(user, try pages.intern(string))
    }
    if let session = event.pointee.session {
      let name = UnsafeRawBufferPointer(start: session, count: Int(event.pointee.session_length))
      let noted = row.pointee.notedSession
      if noted >= 0, sessions.isEntry(noted, name, owner: UInt32(user)) {
        extend(noted, first: time, last: time)
      } else {
        row.pointee.notedSession = try addSession(user: user, name, first: time, last: time)
      }
    } else {
      idle.add(user: user, start: time, end: time)
    }
  }

  /// - Returns: The number of the session.
  mutating func addSession(
    user: Int, _ name: UnsafeRawBufferPointer, first: Int64, last: Int64
  ) throws(TaskFailure) -> Int {
    let session = try sessions.intern(name, owner: UInt32(user))
    if session == spans.count {
      spans.append(Span(first: first, last: last))
    } else {
      extend(session, first: first, last: last)
    }
    return session
  }

  @inline(__always)
  private mutating func extend(_ session: Int, first: Int64, last: Int64) {
    spans[session].first = min(spans[session].first, first)
    spans[session].last = max(spans[session].last, last)
  }
}
