import Basics

/// A planned session, before its events are generated.
struct PlannedSession {
  let user: UInt32
  /// Index among the user's sessions.
  let ordinal: UInt32
  /// Milliseconds into `day`.
  let start: UInt32
  /// Days since the start of the range.
  let day: UInt16
  /// Number of events; at least one.
  let length: UInt16
  /// The last event is at most this many seconds after the start.
  let limit: UInt16
  /// Raw value of the ``UserKind`` whose habit the session follows.
  let habit: UInt8

  /// Milliseconds since the start of the range.
  @inline(__always)
  var begin: Int64 { Int64(day) * CivilDate.millisecondsPerDay + Int64(start) }
  @inline(__always)
  var end: Int64 { begin + Int64(limit) * 1000 }
}

/// All sessions of one group of users, by day. At 20 bytes per session, this is all that must be in memory at a time.
final class SessionPlan: Sendable {
  /// The longest session, in seconds.
  static let longestSession = 6 * 3600
  /// The least time between two sessions of a user, in ms: a little more than the usual session timeout.
  private static let gap: Int64 = 31 * 60_000

  private let sessions: [PlannedSession]
  private let dayStart: [Int]

  init(group: Int, quotas: UserQuotas, calendar: SiteCalendar) {
    let days = quotas.parameters.days
    var all: [PlannedSession] = []
    all.reserveCapacity(quotas.events(group: group) / 8)
    var planner = UserPlanner(parameters: quotas.parameters, tables: quotas.tables, calendar: calendar)
    quotas.forEachUser(group: group) { user, profile, events in
      planner.plan(user, profile, events: events, into: &all)
    }
    // A counting sort by day keeps the order of users within a day.
    var next = [Int](repeating: 0, count: days + 1)
    for session in all { next[Int(session.day) + 1] += 1 }
    for day in 0..<days { next[day + 1] += next[day] }
    dayStart = next
    sessions = [PlannedSession](unsafeUninitializedCapacity: all.count) { target, count in
      for session in all {
        (target.baseAddress! + next[Int(session.day)]).initialize(to: session)
        next[Int(session.day)] += 1
      }
      count = all.count
    }
  }

  /// The sessions that start on a day, preceded by those of the day before that may reach into it; in no particular order.
  func sessions(on day: Int, withCarriedOver: Bool) -> [PlannedSession] {
    let start = Int64(day) * CivilDate.millisecondsPerDay
    let today = sessions[dayStart[day]..<dayStart[day + 1]]
    guard withCarriedOver, day > 0 else { return Array(today) }
    return sessions[dayStart[day - 1]..<dayStart[day]].filter { $0.end >= start } + today
  }

  /// Splits one user's events into sessions.
  private struct UserPlanner {
    let parameters: GeneratorParameters
    let tables: GeneratorTables
    let calendar: SiteCalendar
    private var visits: [Visit] = []

    private struct Visit {
      /// The drawn start, then moved to where the session fits; milliseconds since the start of the range.
      let begin: Int64
      var start: Int64 = 0
      var length: UInt16
      var limit: UInt16
      var habit: UInt8

      /// Milliseconds.
      var span: Int64 { Int64(limit) * 1000 }
    }

    init(parameters: GeneratorParameters, tables: GeneratorTables, calendar: SiteCalendar) {
      self.parameters = parameters
      self.tables = tables
      self.calendar = calendar
    }

    mutating func plan(
      _ user: UInt32, _ profile: UserProfile, events: Int, into plan: inout [PlannedSession]
    ) {
      var random = SplitMix64(seed: parameters.seed, key: UInt64(user) | 1 << 61)
      let rangeEnd = Int64(parameters.days) * CivilDate.millisecondsPerDay
      let zone = Int64(Catalog.hoursAhead[Int(profile.country)]) * 3_600_000
      visits.removeAll(keepingCapacity: true)
      var rest = events
      while rest > 0 {
        let draw = random.next()
        let mixed = UInt32(draw & 0xffff) < profile.mixing
        let habit = mixed ? Int(UserKind.browser.rawValue) : Int(profile.kind)
        let length = min(rest, Int(tables.sessionLength[habit << 10 | Int(draw >> 16 & 1023)]))
        rest -= length
        // Three times the mean: rarely reached.
        let mean = (Int64(tables.meanDwell[habit]) * Int64(profile.pace)) >> 10
        let limit = min(Int64(SessionPlan.longestSession), 60 + mean * 3 * Int64(length) / 1000)
        let edge = habit * (GeneratorTables.quantileSlots + 1) + Int(draw >> 26 & 1023)
        let slotStart = Int64(tables.timeOfDay[edge])
        let slotWidth = Int64(tables.timeOfDay[edge + 1]) - slotStart
        let time = slotStart + (Int64(random.next() >> 32) * slotWidth) >> 32
        let day = calendar.day(habit: habit, draw: random.next() >> 32)
        let utc = (time - zone + 2 * CivilDate.millisecondsPerDay) % CivilDate.millisecondsPerDay
        let begin = Int64(day) * CivilDate.millisecondsPerDay + utc
        visits.append(
          Visit(
            begin: min(begin, rangeEnd - 1 - limit * 1000), length: UInt16(length), limit: UInt16(limit),
            habit: UInt8(habit)))
      }
      visits.sort { ($0.begin, $0.length, $0.habit) < ($1.begin, $1.length, $1.habit) }
      // Sessions must not overlap: first move each one before the next, then not before the range or the end of the previous one.
      // If a user has more sessions than fit, the rest stay where they were drawn.
      var latest = Int64.max
      for index in visits.indices.reversed() {
        visits[index].start = min(visits[index].begin, latest - visits[index].span)
        latest = visits[index].start - SessionPlan.gap
      }
      var free: Int64 = 0
      for (ordinal, visit) in visits.enumerated() {
        let start = max(free, visit.start)
        let begin = start + visit.span < rangeEnd ? start : visit.begin
        free = max(free, begin + visit.span + SessionPlan.gap)
        plan.append(
          PlannedSession(
            user: user, ordinal: UInt32(ordinal), start: UInt32(begin % CivilDate.millisecondsPerDay),
            day: UInt16(begin / CivilDate.millisecondsPerDay), length: visit.length, limit: visit.limit,
            habit: visit.habit))
      }
    }
  }
}
