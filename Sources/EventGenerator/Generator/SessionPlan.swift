import Basics

/// A visit, before it is walked.
struct PlannedSession {
  let user: UInt32
  /// Of this user's sessions.
  let ordinal: UInt32
  /// Milliseconds into `day`.
  let start: UInt32
  /// From the first day of the range.
  let day: UInt16
  /// Events; at least one.
  let length: UInt16
  /// The last event is no later than this many seconds after the start.
  let limit: UInt16
  /// Raw value of the ``UserKind`` whose habit it follows.
  let habit: UInt8

  /// Milliseconds from the start of the range.
  @inline(__always)
  var begin: Int64 { Int64(day) * CivilDate.millisecondsPerDay + Int64(start) }
  @inline(__always)
  var end: Int64 { begin + Int64(limit) * 1000 }
}

/// All sessions of one group of users, by day. 20 bytes a session: the whole of what must be in memory at a
/// time.
final class SessionPlan: Sendable {
  /// No session is longer; one that starts earlier than this before a moment is over by then. In seconds.
  static let longestSession = 6 * 3600
  /// Between the sessions of one user, ms: what other tools take for the end of a session, and a little more.
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
    // A counting sort by day keeps the order of users within one.
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

  /// The sessions that start on a day, after those of the day before that may reach into it; in no order to
  /// rely on.
  func sessions(on day: Int, withCarriedOver: Bool) -> [PlannedSession] {
    let start = Int64(day) * CivilDate.millisecondsPerDay
    let today = sessions[dayStart[day]..<dayStart[day + 1]]
    guard withCarriedOver, day > 0 else { return Array(today) }
    return sessions[dayStart[day - 1]..<dayStart[day]].filter { $0.end >= start } + today
  }

  /// Takes apart one user's events into sessions.
  private struct UserPlanner {
    let parameters: GeneratorParameters
    let tables: GeneratorTables
    let calendar: SiteCalendar
    private var visits: [Visit] = []

    private struct Visit {
      /// Drawn, and where it fits; milliseconds from the start of the range.
      let begin: Int64
      var place: Int64 = 0
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
        // Three times the mean: long enough for chance to seldom reach it.
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
      // One visit after the other: first as early as the next one asks, then not before the range, nor before
      // the end of the one before. A user with more visits than fit keeps the rest where they fell.
      var latest = Int64.max
      for index in visits.indices.reversed() {
        visits[index].place = min(visits[index].begin, latest - visits[index].span)
        latest = visits[index].place - SessionPlan.gap
      }
      var free: Int64 = 0
      for (ordinal, visit) in visits.enumerated() {
        let place = max(free, visit.place)
        let begin = place + visit.span < rangeEnd ? place : visit.begin
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
