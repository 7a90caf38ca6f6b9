import Basics
import CKernels
import CSimdJSON
import Columns
import Shuffle
import Wire

/// Running aggregates of users, built from events or merged from other aggregates. All of them are sums, minima, maxima and
/// unions, so merged parts give exactly what all events at once would give (floating-point sums: in the order of the parts).
package struct UserAggregates: ~Copyable {
  /// First and last event of a session that has a name.
  struct Span: BitwiseCopyable {
    var first: Int64
    var last: Int64
  }

  /// An event whose lookups have begun.
  struct Pending: BitwiseCopyable {
    var user: ByteKey
    var userHash: UInt64
    var page: ByteKey
    var pageHash: UInt64
    var number: Int
  }

  /// Events whose lookups overlap, so that memory latency is paid once and not per event.
  private static let window = 32
  /// Pages per user for which tables need not grow.
  private static let usualPages = 8

  let range: TimeRange
  /// Days are bits of the rows, and `userDays` stays empty.
  let daysAreBits: Bool
  private var quarter: DayQuarter
  private var pending: FlatArray<Pending>

  var users: KeyTable
  /// One per user, as the table numbers them.
  var rows: FlatArray<UserRow>
  /// Session names, owned by their users.
  var sessions: KeyTable
  /// One per session.
  var spans: FlatArray<Span>
  var idle: IdleSessions
  var pages: KeyTable
  /// Pairs of user and page.
  var userPages: PairList
  /// Pairs of user and day, if the range has more than 64 days.
  var userDays = PairList()

  /// - Parameters:
  ///   - sessionGap: Milliseconds without an event that end a session without a name.
  ///   - capacity: Users, sessions and pages for which tables need not grow.
  package init(range: TimeRange, sessionGap: Int64, capacity: Int = 512) {
    self.range = range
    daysAreBits = range.days <= 64
    quarter = DayQuarter(of: range.start, in: range)
    let none = ByteKey(UnsafeRawBufferPointer(start: nil, count: 0))
    pending = FlatArray(
      repeating: Pending(user: none, userHash: 0, page: none, pageHash: 0, number: 0),
      count: UserAggregates.window)
    idle = IdleSessions(gap: sessionGap)
    users = KeyTable(capacity: capacity)
    rows = FlatArray(capacity: capacity)
    sessions = KeyTable(capacity: capacity)
    spans = FlatArray(capacity: capacity)
    pages = KeyTable(capacity: capacity)
    userPages = PairList(capacity: capacity * UserAggregates.usualPages)
  }

  /// Bytes of memory. Depends only on what was added, and in which order.
  package var byteCount: Int {
    users.byteCount + rows.bytes + sessions.byteCount + spans.bytes + idle.byteCount + pages.byteCount
      + userPages.byteCount + userDays.byteCount
  }

  /// Gives every user of the table a row.
  @inline(__always)
  mutating func addRows() {
    while rows.count < users.count { rows.append(UserRow()) }
  }

  /// Adds events whose timestamps are within the range.
  package mutating func add(_ events: UnsafeBufferPointer<swiftlet_event>) throws(TaskFailure) {
    guard var next = events.baseAddress else { return }
    let end = next + events.count
    while next < end {
      let count = min(UserAggregates.window, end - next)
      hash(next, count)
      prefetch(count)
      try find(next, count)
      for index in 0..<count { try add(next + index, pending.base + index) }
      next += count
    }
  }

  @inline(__always)
  private mutating func hash(_ events: UnsafePointer<swiftlet_event>, _ count: Int) {
    for index in 0..<count {
      let event = events + index
      let slot = pending.base + index
      slot.pointee.user = ByteKey(
        UnsafeRawBufferPointer(start: event.pointee.user, count: Int(event.pointee.user_length)))
      slot.pointee.userHash = slot.pointee.user.hash(owner: 0)
      users.prefetchSlot(hash: slot.pointee.userHash)
      slot.pointee.page = ByteKey(
        UnsafeRawBufferPointer(start: event.pointee.page, count: Int(event.pointee.page_length)))
      slot.pointee.pageHash = slot.pointee.page.hash(owner: 0)
      pages.prefetchSlot(hash: slot.pointee.pageHash)
    }
  }

  /// The cache lines of a user's row.
  @inline(__always)
  func prefetchRow(_ user: Int) {
    let row = UnsafeRawPointer(rows.base + user)
    swiftlet_prefetch(row)
    swiftlet_prefetch(row + 64)
    swiftlet_prefetch(row + 128)
  }

  @inline(__always)
  private mutating func prefetch(_ count: Int) {
    for index in 0..<count {
      let user = users.candidate(hash: pending[index].userHash)
      users.prefetchEntry(user)
      prefetchRow(user)
      pages.prefetchEntry(pages.candidate(hash: pending[index].pageHash))
    }
  }

  @inline(__always)
  private mutating func find(_ events: UnsafePointer<swiftlet_event>, _ count: Int) throws(TaskFailure) {
    for index in 0..<count {
      let user = try users.intern(pending[index].user, hash: pending[index].userHash)
      addRows()
      pending[index].number = user
      let session = Int(rows[user].notedSession) &- 1
      sessions.prefetchEntry(session)
      swiftlet_prefetch(spans.base + session)
      let page = pages.candidate(hash: pending[index].pageHash)
      if page >= 0 { pages.prefetchText(page) }
    }
  }

  @inline(__always)
  private mutating func add(
    _ event: UnsafePointer<swiftlet_event>, _ found: UnsafePointer<Pending>
  ) throws(TaskFailure) {
    let user = found.pointee.number
    let time = event.pointee.timestamp
    if !quarter.contains(time) { quarter = DayQuarter(of: time, in: range) }
    let row = rows.base + user
    let type = Int(event.pointee.type)
    row.pointee[type] += 1
    row.pointee[quarter.count] += 1
    row.pointee[.weekend] += quarter.weekend
    row.pointee[.mobile] += event.pointee.is_mobile ? 1 : 0
    // Branch-free: adding zero to a sum that started as zero changes no bit.
    let hasDuration = !event.pointee.duration.isNaN
    row.pointee[.dwells] += hasDuration ? 1 : 0
    row.pointee.dwell += hasDuration ? event.pointee.duration : 0
    if type == UserCount.purchases.rawValue, !event.pointee.price.isNaN {
      row.pointee.revenue += event.pointee.price * (event.pointee.quantity.isNaN ? 1 : event.pointee.quantity)
    }
    row.pointee.first = min(row.pointee.first, time)
    row.pointee.last = max(row.pointee.last, time)
    if daysAreBits {
      row.pointee.days |= 1 << UInt64(truncatingIfNeeded: quarter.day)
    } else if Int(row.pointee.notedDay) != quarter.day + 1 {
      row.pointee.notedDay = UInt32(quarter.day + 1)
      userDays.append(user, quarter.day)
    }
    if event.pointee.page != nil {
      let page = try pages.intern(found.pointee.page, hash: found.pointee.pageHash)
      let noted = UInt32(truncatingIfNeeded: page &+ 1)
      userPages.append(user, page, isNew: row.pointee.notedPage != noted)
      row.pointee.notedPage = noted
    }
    guard let session = event.pointee.session else {
      return idle.add(user: user, start: time, end: time)
    }
    let name = ByteKey(UnsafeRawBufferPointer(start: session, count: Int(event.pointee.session_length)))
    let noted = Int(row.pointee.notedSession) - 1
    if noted >= 0, sessions.isEntry(noted, name, owner: UInt32(user)) {
      extendSession(noted, first: time, last: time)
    } else {
      row.pointee.notedSession = UInt32(try addSession(user: user, name, first: time, last: time) + 1)
    }
  }

  /// - Returns: The number of the session.
  private mutating func addSession(
    user: Int, _ name: ByteKey, first: Int64, last: Int64
  ) throws(TaskFailure) -> Int {
    let session = try sessions.intern(name, hash: name.hash(owner: UInt32(user)), owner: UInt32(user))
    extendSession(session, first: first, last: last)
    return session
  }

  /// - Parameter session: The number from a lookup in the session table; new sessions get the next numbers.
  @inline(__always)
  mutating func extendSession(_ session: Int, first: Int64, last: Int64) {
    if session == spans.count {
      spans.append(Span(first: first, last: last))
    } else {
      spans[session].first = min(spans[session].first, first)
      spans[session].last = max(spans[session].last, last)
    }
  }

  /// Notes a day of the range on which a user was active.
  mutating func addDay(user: Int, _ day: Int) {
    if daysAreBits {
      rows[user].days |= 1 << UInt64(truncatingIfNeeded: day)
    } else {
      userDays.append(user, day)
    }
  }
}
