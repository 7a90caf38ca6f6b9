import Basics
import Columns

// The starts of units of time, and distances between times.

extension TimeFunctions {
  private static let unitErrors = "an error for an unknown unit"

  static func unit(_ name: String) throws -> TimeUnit {
    guard let unit = TimeUnit(name.lowercased()) else {
      throw QueryError("no unit of time '\(name)'", hint: "there are microsecond to millennium")
    }
    return unit
  }

  /// Calls `body` with the unit that the first argument names in each row.
  static func units<R: StoredValue>(_ arguments: Arguments, _ body: (TimeUnit, Int) throws -> R) throws
    -> Column
  {
    try arguments.withStrings(0) { names in
      let constant = arguments.vectors[0].isConstant ? try unit(names.text(0)) : nil
      return Column(
        R.values(try arguments.fill { row in try body(try constant ?? unit(names.text(row)), row) }))
    }
  }

  static let truncation: [Function] = [
    Function(
      "date_trunc",
      [
        Overload([text, .exactly(.timestamp)], result: { _ in .timestamp }, errors: unitErrors) { arguments in
          let times: (Int) -> Int64 = try arguments.reader(1)
          return try units(arguments) { unit, row in try Calendar.truncated(times(row), to: unit) }
        },
        Overload([text, .exactly(.timestampTZ)], result: { _ in .timestampTZ }, errors: unitErrors) {
          arguments in
          let clock = try arguments.clock()
          let times: (Int) -> Int64 = try arguments.reader(1)
          return try units(arguments) { unit, row in try truncated(times(row), unit, clock) }
        },
        Overload([text, .exactly(.timestampTZ), text], result: { _ in .timestampTZ }, errors: unitErrors) {
          arguments in
          let times: (Int) -> Int64 = try arguments.reader(1)
          return try arguments.withStrings(2) { zones in
            try units(arguments) { unit, row in
              try truncated(times(row), unit, try ZoneClock.named(zones.text(row)))
            }
          }
        },
        Overload([text, .exactly(.interval)], result: { _ in .interval }, errors: unitErrors) { arguments in
          let intervals: (Int) -> Interval = try arguments.reader(1)
          return try units(arguments) { unit, row in try truncated(intervals(row), unit) }
        },
      ],
      help:
        "The start of the unit that a time falls into, in the session's time zone or that of the third argument.",
      example: "date_trunc('month', timestamp '2001-02-16 20:38:40') = timestamp '2001-02-01 00:00:00'"),
    Function(
      "date_bin",
      [
        Overload(
          [.exactly(.interval), .exactly(.timestamp), .exactly(.timestamp)], result: { _ in .timestamp },
          errors: binErrors
        ) { try bins($0) },
        Overload(
          [.exactly(.interval), .exactly(.timestampTZ), .exactly(.timestampTZ)],
          result: { _ in .timestampTZ },
          errors: binErrors
        ) { try bins($0) },
      ],
      help:
        "The start of the interval that a time falls into; intervals are counted from the third argument.",
      example:
        "date_bin('15 minutes', timestamp '2020-02-11 15:44:17', timestamp '2001-01-01') = timestamp '2020-02-11 15:30:00'"
    ),
    Function(
      "date_diff",
      [
        Overload([text, .exactly(.date), .exactly(.date)], result: { _ in .int64 }, errors: unitErrors) {
          arguments in
          let (a, b): ((Int) -> Int32, (Int) -> Int32) = (try arguments.reader(1), try arguments.reader(2))
          return try units(arguments) { unit, row in
            try boundaries(unit, Int64(a(row)) * Calendar.day, Int64(b(row)) * Calendar.day)
          }
        },
        Overload(
          [text, .exactly(.timestamp), .exactly(.timestamp)], result: { _ in .int64 }, errors: unitErrors
        ) { arguments in
          let (a, b): ((Int) -> Int64, (Int) -> Int64) = (try arguments.reader(1), try arguments.reader(2))
          return try units(arguments) { unit, row in try boundaries(unit, a(row), b(row)) }
        },
        Overload(
          [text, .exactly(.timestampTZ), .exactly(.timestampTZ)], result: { _ in .int64 }, errors: unitErrors
        ) { arguments in
          let clock = try arguments.clock()
          let (a, b): ((Int) -> Int64, (Int) -> Int64) = (try arguments.reader(1), try arguments.reader(2))
          return try units(arguments) { unit, row in
            // Hours and less have the same length everywhere; local time may jump.
            unit.kind == .micros
              ? try boundaries(unit, a(row), b(row))
              : try boundaries(unit, clock.local(a(row)), clock.local(b(row)))
          }
        },
      ], help: "How many starts of a unit lie between two times: the second minus the first.",
      example: "date_diff('month', date '2024-01-31', date '2024-02-01') = 1"),
    Function(
      "age",
      [
        .binary(.timestamp, .timestamp, .interval) { (a: Int64, b: Int64) in Calendar.age(a, b) },
        Overload([.exactly(.timestampTZ), .exactly(.timestampTZ)], result: { _ in .interval }) { arguments in
          let clock = try arguments.clock()
          return try arguments.map { (a: Int64, b: Int64) in Calendar.age(clock.local(a), clock.local(b)) }
        },
        Overload([.exactly(.timestamp)], result: { _ in .interval }) { arguments in
          let today = Int64(Calendar.days(try arguments.clock().local(arguments.session.now))) * Calendar.day
          return try arguments.map { (a: Int64) in Calendar.age(today, a) }
        },
        Overload([.exactly(.timestampTZ)], result: { _ in .interval }) { arguments in
          let clock = try arguments.clock()
          let today = Int64(Calendar.days(clock.local(arguments.session.now))) * Calendar.day
          return try arguments.map { (a: Int64) in Calendar.age(today, clock.local(a)) }
        },
      ],
      help:
        "Years, months, days and time from the second time to the first; with one time, to the start of today.",
      example: "age(timestamp '2001-04-10', timestamp '1957-06-13') = interval '43 years 9 mons 27 days'"),
  ]

  private static func truncated(_ instant: Int64, _ unit: TimeUnit, _ clock: ZoneClock) throws -> Int64 {
    let offset = clock.offset(at: instant) * 1_000_000
    let local = try Calendar.truncated(instant + offset, to: unit)
    // Within a day the offset stays that of the time itself, so that hours are not lost where clocks are set back.
    return unit.kind == .micros ? local - offset : clock.instant(local)
  }

  private static func truncated(_ value: Interval, _ unit: TimeUnit) throws -> Interval {
    switch (unit.kind, unit.name) {
    case (_, .week): throw QueryError("an interval has no weeks")
    case (.micros, _):
      return Interval(
        months: value.months, days: value.days, microseconds: value.microseconds / unit.size * unit.size)
    case (.days, _): return Interval(months: value.months, days: value.days)
    case (.months, _): return Interval(months: value.months / Int32(unit.size) * Int32(unit.size))
    }
  }

  private static let binErrors = "an error for an interval with months, or not above zero"

  private static func bins(_ arguments: Arguments) throws -> Column {
    let intervals: (Int) -> Interval = try arguments.reader(0)
    let (times, origins): ((Int) -> Int64, (Int) -> Int64) = (
      try arguments.reader(1), try arguments.reader(2)
    )
    return Column(
      .int64(
        try arguments.fill { row in
          let interval = intervals(row)
          let (size, overflow) = (Int64(interval.days) * Calendar.day).addingReportingOverflow(
            interval.microseconds)
          guard interval.months == 0, !overflow, size > 0 else {
            throw QueryError("the interval of date_bin must be of days and time, and above zero")
          }
          let (distance, tooFar) = times(row).subtractingReportingOverflow(origins(row))
          if tooFar { throw Calendar.outOfRange }
          return origins(row) + distance.flooredDivision(by: size) * size
        }))
  }

  private static func boundaries(_ unit: TimeUnit, _ from: Int64, _ to: Int64) throws -> Int64 {
    switch unit.kind {
    case .micros: return to.flooredDivision(by: unit.size) - from.flooredDivision(by: unit.size)
    case .days where unit.name == .week:
      return Int64(
        (Calendar.days(to) + 3).flooredDivision(by: 7) - (Calendar.days(from) + 3).flooredDivision(by: 7))
    case .days: return Int64(Calendar.days(to) - Calendar.days(from))
    case .months:
      func number(_ local: Int64) -> Int {
        let (year, month, _) = CivilDate.components(Calendar.days(local))
        return (year * 12 + month - 1).flooredDivision(by: Int(unit.size))
      }
      return Int64(number(to) - number(from))
    }
  }
}
