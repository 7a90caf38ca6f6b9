import Basics
import Columns

/// Sums and parts of local times, in microseconds since 1970-01-01 00:00.
enum Calendar {
  static let day: Int64 = 86_400_000_000

  static func days(_ local: Int64) -> Int { Int(local.flooredDivision(by: day)) }

  static func timeOfDay(_ local: Int64) -> Int64 { local - local.flooredDivision(by: day) * day }

  static let outOfRange = QueryError("timestamp out of range")

  /// The day in another month; the last of the month if that month is shorter.
  static func addMonths(_ days: Int, _ months: Int) throws -> Int {
    let (year, month, day) = CivilDate.components(days)
    let total = year * 12 + month - 1 + months
    let newYear = total.flooredDivision(by: 12)
    let newMonth = total - newYear * 12 + 1
    guard (0...9999).contains(newYear), let length = length(newYear, newMonth),
      let result = CivilDate.days(year: newYear, month: newMonth, day: min(day, length))
    else { throw outOfRange }
    return result
  }

  /// The number of days of a month.
  static func length(_ year: Int, _ month: Int) -> Int? {
    [31, 30, 29, 28].first { CivilDate.days(year: year, month: month, day: $0) != nil }
  }

  /// Months first, then days, then the rest.
  static func add(_ local: Int64, _ interval: Interval) throws -> Int64 {
    var days = days(local)
    if interval.months != 0 { days = try addMonths(days, Int(interval.months)) }
    days += Int(interval.days)
    let (start, first) = Int64(days).multipliedReportingOverflow(by: day)
    let (time, second) = timeOfDay(local).addingReportingOverflow(interval.microseconds)
    let (sum, third) = start.addingReportingOverflow(time)
    if first || second || third { throw outOfRange }
    return sum
  }

  /// An interval added to an instant: months and days in the clock's local time, the rest in real time.
  static func add(_ instant: Int64, _ interval: Interval, _ clock: ZoneClock) throws -> Int64 {
    var result = instant
    if interval.months != 0 || interval.days != 0 {
      let local = try add(clock.local(instant), Interval(months: interval.months, days: interval.days))
      result = clock.instant(local)
    }
    let (sum, overflow) = result.addingReportingOverflow(interval.microseconds)
    if overflow { throw outOfRange }
    return sum
  }

  static func negated(_ value: Interval) throws -> Interval {
    guard value.months != .min, value.days != .min, value.microseconds != .min else {
      throw QueryError("interval out of range")
    }
    return Interval(months: -value.months, days: -value.days, microseconds: -value.microseconds)
  }

  /// The start of the unit that a local time falls into.
  static func truncated(_ local: Int64, to unit: TimeUnit) throws -> Int64 {
    switch (unit.kind, unit.name) {
    case (.micros, _): return local.flooredDivision(by: unit.size) * unit.size
    case (.days, "week"):
      // 1970-01-01 was a Thursday; weeks begin on Mondays.
      return Int64((days(local) + 3).flooredDivision(by: 7) * 7 - 3) * day
    case (.days, _): return Int64(days(local)) * day
    case (.months, _):
      let (year, month, _) = CivilDate.components(days(local))
      let size = Int(unit.size)
      var first: Int
      switch unit.name {
      case "month", "quarter": first = year * 12 + (month - 1) / size * size
      // The first century and millennium begin in year 1.
      case "century", "millennium": first = (year - 1).flooredDivision(by: size / 12) * size + 12
      default: first = year.flooredDivision(by: size / 12) * size
      }
      if first < 12 { first = 0 }
      guard let start = CivilDate.days(year: first / 12, month: first % 12 + 1, day: 1) else {
        throw outOfRange
      }
      return Int64(start) * day
    }
  }

  /// The ISO week and the year that it belongs to.
  static func isoWeek(_ days: Int) -> (year: Int, week: Int) {
    // The Thursday of a week decides its year.
    let thursday = (days + 3).flooredDivision(by: 7) * 7
    let year = CivilDate.components(thursday).year
    let first = CivilDate.days(year: max(0, year), month: 1, day: 1) ?? thursday
    return (year, (thursday - first) / 7 + 1)
  }

  static func dayOfYear(_ days: Int) -> Int {
    let year = CivilDate.components(days).year
    return days - (CivilDate.days(year: max(0, year), month: 1, day: 1) ?? days) + 1
  }

  /// PostgreSQL's `age`: years, months, days and time from the earlier to the later.
  static func age(_ later: Int64, _ earlier: Int64) -> Interval {
    if later < earlier {
      let reversed = age(earlier, later)
      return Interval(months: -reversed.months, days: -reversed.days, microseconds: -reversed.microseconds)
    }
    let (y1, m1, d1) = CivilDate.components(days(earlier))
    let (y2, m2, d2) = CivilDate.components(days(later))
    var months = (y2 - y1) * 12 + m2 - m1
    var days = d2 - d1
    var micros = timeOfDay(later) - timeOfDay(earlier)
    if micros < 0 {
      micros += day
      days -= 1
    }
    if days < 0 {
      // Days are borrowed from the month of the earlier date.
      days += length(max(0, y1), m1) ?? 30
      months -= 1
    }
    return Interval(months: Int32(clamping: months), days: Int32(clamping: days), microseconds: micros)
  }
}
