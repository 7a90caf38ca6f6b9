import Basics
import Columns

/// Functions of dates, times and intervals.
enum TimeFunctions {
  static let group = FunctionGroup(
    "Dates and times",
    TimeArithmetic.functions + current + parts + truncation + making + zones + intervals + names)

  static let text = Overload.Parameter.exactly(.string)

  // MARK: Now

  private static let current: [Function] = {
    let now = Function(
      "now",
      [
        Overload([], result: { _ in .timestampTZ }) { arguments in
          Column(.int64(Array(repeating: arguments.session.now, count: arguments.rows)))
        }
      ], help: "The time at which the query began.", example: "now() = now()")
    return [
      now, now.named("current_timestamp"), now.named("transaction_timestamp"),
      now.named("statement_timestamp"),
      Function(
        "current_date",
        [
          Overload([], result: { _ in .date }) { arguments in
            let days = Calendar.days(try arguments.clock().local(arguments.session.now))
            return Column(.int32(Array(repeating: Int32(clamping: days), count: arguments.rows)))
          }
        ], help: "The date at which the query began, in the session's time zone.",
        example: "current_date() <= now()::date"),
    ]
  }()

  // MARK: Fields

  private static let parts: [Function] = {
    let part = Function(
      "date_part", DatePart.overloads,
      help: """
        A field of a time or interval: year, month, day, hour, minute, second, millisecond, microsecond, quarter, week (ISO), \
        isoyear, dow (0 is Sunday), isodow (7 is Sunday), doy, decade, century, millennium, epoch, julian, timezone.
        """, example: "date_part('hour', timestamp '2001-02-16 20:38:40') = 20")
    return [
      part,
      Function("extract", part.overloads, help: "The same as `date_part`, written `extract(hour FROM t)`."),
    ]
      + ["year", "quarter", "month", "day", "hour", "minute", "second"].map { field($0) }
      + [field("week"), field("dayofweek"), field("isodow"), field("dayofyear")]
  }()

  /// A function that is named like a field.
  private static func field(_ name: String) -> Function {
    let overloads = DatePart.overloads.prefix(3).map { part in
      Overload(Array(part.parameters.dropFirst()), result: { _ in .int64 }) { arguments in
        let field = Vector(Column(.bytes(StringColumn([name]))), .string, isConstant: true)
        let column = try part.evaluate(
          Arguments(
            [field] + arguments.vectors, rows: arguments.rows, type: .double, session: arguments.session,
            validity: arguments.validity))
        guard case .double(let values) = column.values else { throw arguments.storageError(0) }
        return Column(.int64(values.map { Int64($0) }))
      }
    }
    return Function(
      name, overloads, help: "The field of `date_part` with this name, as an integer.",
      // The first of everything, on a Monday.
      example: "\(name)(timestamp '2024-01-01 01:01:01') = \(name == "year" ? 2024 : 1)")
  }

  // MARK: Truncation

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

  private static let truncation: [Function] = [
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
    case (_, "week"): throw QueryError("an interval has no weeks")
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
    case .days where unit.name == "week":
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

  // MARK: Making times

  private static let making: [Function] = [
    Function(
      "make_date",
      [
        Overload(
          [.exactly(.int32), .exactly(.int32), .exactly(.int32)], result: { _ in .date },
          errors: "an error for a date that does not exist"
        ) { arguments in
          let (years, months): ((Int) -> Int32, (Int) -> Int32) = (
            try arguments.reader(0), try arguments.reader(1)
          )
          let days: (Int) -> Int32 = try arguments.reader(2)
          return Column(.int32(try arguments.fill { Int32(try date(years($0), months($0), days($0))) }))
        }
      ], help: "The date of a year, month and day.", example: "make_date(2013, 7, 15) = date '2013-07-15'"),
    Function(
      "make_timestamp",
      [
        Overload(
          [
            .exactly(.int32), .exactly(.int32), .exactly(.int32), .exactly(.int32), .exactly(.int32),
            .exactly(.double),
          ],
          result: { _ in .timestamp }, errors: "an error for a time that does not exist"
        ) { arguments in
          let numbers: [(Int) -> Int32] = try (0..<5).map { try arguments.reader($0) }
          let seconds: (Int) -> Double = try arguments.reader(5)
          return Column(
            .int64(
              try arguments.fill { row in
                let day = try date(numbers[0](row), numbers[1](row), numbers[2](row))
                let (hour, minute, second) = (numbers[3](row), numbers[4](row), seconds(row))
                guard (0...23).contains(hour), (0...59).contains(minute), second >= 0, second < 60 else {
                  throw QueryError("\(hour):\(minute):\(second) is not a time of day")
                }
                return Int64(day) * Calendar.day + Int64(hour * 60 + minute) * 60_000_000
                  + Int64((second * 1e6).rounded())
              }))
        }
      ], help: "The timestamp of a year, month, day, hour, minute and second.",
      example: "make_timestamp(2013, 7, 15, 8, 15, 23.5) = timestamp '2013-07-15 08:15:23.5'"),
    Function(
      "to_timestamp",
      [
        .unary(.double, .timestampTZ, errors: "an error for what is out of range") { (seconds: Double) in
          guard let micros = Int64(exactly: (seconds * 1e6).rounded(.toNearestOrEven)) else {
            throw Calendar.outOfRange
          }
          return micros
        },
        TimePattern.toTimestamp,
      ],
      help:
        "The instant that is a number of seconds after 1970 UTC; or a text read by a pattern as that of `to_char`.",
      example: "to_timestamp(0) = timestamptz '1970-01-01 00:00:00+00'"),
    Function(
      "to_date", [TimePattern.toDate], help: "A date read by a pattern as that of `to_char`.",
      example: "to_date('05 Dec 2000', 'DD Mon YYYY') = date '2000-12-05'"),
    Function(
      "to_char", TimePattern.toChar + [NumberPattern.double, NumberPattern.decimal],
      help: """
        A time by a pattern: YYYY, YY, MM, DD, HH24, HH12, MI, SS, MS, US, AM, Mon, Month, Dy, Day, D, DDD, ID, IW, IYYY, Q, WW, \
        TZ, OF, text in "quotes", FM for no padding; or a number: 9, 0, `.`, `,`, S, MI, FM.
        """, example: "to_char(timestamp '2002-04-20 17:31:12', 'HH12:MI:SS') = '05:31:12'"),
    epoch("epoch_ms", 1000, "milliseconds"), epoch("epoch_us", 1, "microseconds"),
    Function(
      "epoch",
      DatePart.overloads.map { part in
        Overload(Array(part.parameters.dropFirst()), result: { _ in .double }) { arguments in
          let field = Vector(Column(.bytes(StringColumn(["epoch"]))), .string, isConstant: true)
          return try part.evaluate(
            Arguments(
              [field] + arguments.vectors, rows: arguments.rows, type: .double, session: arguments.session,
              validity: arguments.validity))
        }
      }, help: "Seconds since 1970.", example: "epoch(timestamp '1970-01-01 00:01:00') = 60"),
  ]

  private static func epoch(_ name: String, _ size: Int64, _ unit: String) -> Function {
    Function(
      name,
      [
        .unary(.int64, .timestampTZ, errors: "an error for what is out of range") { (a: Int64) in
          let (micros, overflow) = a.multipliedReportingOverflow(by: size)
          if overflow { throw Calendar.outOfRange }
          return micros
        },
        .unary(.timestampTZ, .int64) { (a: Int64) in a.flooredDivision(by: size) },
        .unary(.timestamp, .int64) { (a: Int64) in a.flooredDivision(by: size) },
      ], help: "The instant that is a number of \(unit) after 1970 UTC; or that number of a time.",
      example: "\(name)(0) = timestamptz '1970-01-01 00:00:00+00'")
  }

  private static func date(_ year: Int32, _ month: Int32, _ day: Int32) throws -> Int {
    guard year > 0, let days = CivilDate.days(year: Int(year), month: Int(month), day: Int(day)) else {
      throw QueryError("there is no date \(year)-\(month)-\(day)")
    }
    return days
  }

  // MARK: Zones

  private static let zones: [Function] = [
    Function(
      "timezone",
      [
        zone(.timestamp, .timestampTZ) { $0.instant($1) }, zone(.timestampTZ, .timestamp) { $0.local($1) },
      ],
      help:
        "AT TIME ZONE: the instant of a local time in a zone, or the local time of an instant. A zone is an IANA name or an offset.",
      example:
        "timezone('Asia/Tokyo', timestamptz '2024-01-01 00:00:00+00') = timestamp '2024-01-01 09:00:00'")
  ]

  private static func zone(
    _ from: ColumnType, _ to: ColumnType, _ body: @escaping @Sendable (ZoneClock, Int64) -> Int64
  ) -> Overload {
    Overload([text, .exactly(from)], result: { _ in to }, errors: "an error for an unknown zone") {
      arguments in
      let times: (Int) -> Int64 = try arguments.reader(1)
      return try arguments.withStrings(0) { names in
        let constant = arguments.vectors[0].isConstant ? try ZoneClock.named(names.text(0)) : nil
        return Column(
          .int64(
            try arguments.fill { row in body(try constant ?? ZoneClock.named(names.text(row)), times(row)) }))
      }
    }
  }

  // MARK: Intervals

  private static func justified(_ value: Interval, hours: Bool, days: Bool) throws -> Interval {
    var (months, dayCount, micros) = (Int64(value.months), Int64(value.days), value.microseconds)
    if hours {
      dayCount += micros / Calendar.day
      micros %= Calendar.day
    }
    if days {
      months += dayCount / 30
      dayCount %= 30
    }
    // Parts get one sign.
    if days, months > 0, dayCount < 0 || dayCount == 0 && micros < 0 && hours {
      dayCount += 30
      months -= 1
    } else if days, months < 0, dayCount > 0 || dayCount == 0 && micros > 0 && hours {
      dayCount -= 30
      months += 1
    }
    if hours, dayCount > 0, micros < 0 {
      micros += Calendar.day
      dayCount -= 1
    } else if hours, dayCount < 0, micros > 0 {
      micros -= Calendar.day
      dayCount += 1
    }
    guard let exactMonths = Int32(exactly: months), let exactDays = Int32(exactly: dayCount) else {
      throw TimeArithmetic.outOfRange
    }
    return Interval(months: exactMonths, days: exactDays, microseconds: micros)
  }

  private static let intervals: [Function] = [
    Function(
      "justify_hours",
      [.unary(.interval, .interval) { (a: Interval) in try justified(a, hours: true, days: false) }],
      help: "24 hours become a day.",
      example: "justify_hours(interval '27 hours') = interval '1 day 03:00:00'"),
    Function(
      "justify_days",
      [.unary(.interval, .interval) { (a: Interval) in try justified(a, hours: false, days: true) }],
      help: "30 days become a month.", example: "justify_days(interval '35 days') = interval '1 mon 5 days'"),
    Function(
      "justify_interval",
      [.unary(.interval, .interval) { (a: Interval) in try justified(a, hours: true, days: true) }],
      help: "24 hours become a day, 30 days a month, and all parts get one sign.",
      example: "justify_interval(interval '1 mon -1 hour') = interval '29 days 23:00:00'"),
  ]

  // MARK: Names

  private static let names: [Function] = [
    Function(
      "dayname", [name { TimePattern.days[CivilDate.weekday($0)] }],
      help: "The English name of the day of the week.",
      example: "dayname(date '2024-01-01') = 'Monday'"),
    Function(
      "monthname", [name { TimePattern.months[CivilDate.components($0).month - 1] }],
      help: "The English name of the month.",
      example: "monthname(date '2024-01-01') = 'January'"),
    Function(
      "last_day",
      [
        .unary(.date, .date) { (days: Int32) in
          let (year, month, _) = CivilDate.components(Int(days))
          guard let length = Calendar.length(year, month),
            let last = CivilDate.days(year: year, month: month, day: length)
          else { throw QueryError("date out of range") }
          return Int32(last)
        }
      ], help: "The last day of the month.", example: "last_day(date '2024-02-10') = date '2024-02-29'"),
    Function(
      "date",
      [ColumnType.timestamp, .timestampTZ, .string, .date].compactMap { type in
        Casts.overload(from: type, to: .date, isTry: false)
      }, help: "The date of a time, as the cast.",
      example: "date(timestamp '2024-02-10 11:00:00') = date '2024-02-10'"),
  ]

  private static func name(_ body: @escaping @Sendable (Int) -> String) -> Overload {
    Overload([.exactly(.date)], result: { _ in .string }) { arguments in
      let days: (Int) -> Int32 = try arguments.reader(0)
      return try arguments.strings { $1 += body(Int(days($0))).utf8 }
    }
  }
}
