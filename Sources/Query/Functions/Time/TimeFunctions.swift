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
