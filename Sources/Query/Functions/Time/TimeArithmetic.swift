import Basics
import Columns

/// `+`, `-`, `*` and `/` with dates, timestamps and intervals.
enum TimeArithmetic {
  static let functions: [Function] = [
    Function(
      "+", sums, help: "A time and an interval, a date and days, or two intervals.",
      example: "date '2024-01-31' + 1 = date '2024-02-01'"),
    Function(
      "-", differences,
      help:
        "A time minus an interval, a date minus days; between two dates the days, between two timestamps days and time.",
      example: "date '2024-03-01' - date '2024-02-01' = 29"),
    Function(
      "*",
      [
        .binary(.interval, .double, .interval, errors: errors) { (a: Interval, b: Double) in try times(a, b)
        },
        .binary(.double, .interval, .interval, errors: errors) { (a: Double, b: Interval) in try times(b, a)
        },
      ], help: "An interval times a number; fractions go to the smaller units.",
      example: "interval '1 day' * 1.5 = interval '36 hours'"),
    Function(
      "/",
      [
        .binary(.interval, .double, .interval, errors: errors) { (a: Interval, b: Double) in
          if b == 0 { throw Arithmetic.divisionByZero }
          return try times(a, 1 / b)
        }
      ], help: "An interval divided by a number.", example: "interval '1 hour' / 2 = interval '30 minutes'"),
  ]

  private static let errors = "an error if the result is out of range"

  private static let sums: [Overload] =
    [
      days(.date, .int32) { Int64($0) + Int64($1) },
      .binary(.int32, .date, .date, errors: errors) { (a: Int32, b: Int32) in try date(Int64(a) + Int64(b)) },
      .binary(.interval, .interval, .interval, errors: errors) { (a: Interval, b: Interval) in try sum(a, b)
      },
      .binary(.date, .interval, .timestamp, errors: errors) { (a: Int32, b: Interval) in
        try Calendar.add(Int64(a) * Calendar.day, b)
      },
      .binary(.timestamp, .interval, .timestamp, errors: errors) { (a: Int64, b: Interval) in
        try Calendar.add(a, b)
      },
      instants { $0 },
      .binary(.interval, .date, .timestamp, errors: errors) { (a: Interval, b: Int32) in
        try Calendar.add(Int64(b) * Calendar.day, a)
      },
      .binary(.interval, .timestamp, .timestamp, errors: errors) { (a: Interval, b: Int64) in
        try Calendar.add(b, a)
      },
      Overload([.exactly(.interval), .exactly(.timestampTZ)], result: { _ in .timestampTZ }, errors: errors) {
        arguments in
        let clock = try arguments.clock()
        return try arguments.map { (a: Interval, b: Int64) in try Calendar.add(b, a, clock) }
      },
    ]

  private static let differences: [Overload] =
    [
      .binary(.date, .date, .int32) { (a: Int32, b: Int32) in a &- b },
      days(.date, .int32) { Int64($0) - Int64($1) },
      .binary(.timestamp, .timestamp, .interval, errors: errors) { (a: Int64, b: Int64) in try span(a, b) },
      .binary(.timestampTZ, .timestampTZ, .interval, errors: errors) { (a: Int64, b: Int64) in try span(a, b)
      },
      .binary(.interval, .interval, .interval, errors: errors) { (a: Interval, b: Interval) in
        try sum(a, try Calendar.negated(b))
      },
      .binary(.date, .interval, .timestamp, errors: errors) { (a: Int32, b: Interval) in
        try Calendar.add(Int64(a) * Calendar.day, try Calendar.negated(b))
      },
      .binary(.timestamp, .interval, .timestamp, errors: errors) { (a: Int64, b: Interval) in
        try Calendar.add(a, try Calendar.negated(b))
      },
      instants { try Calendar.negated($0) },
      .unary(.interval, .interval, errors: errors) { (a: Interval) in try Calendar.negated(a) },
    ]

  private static func days(
    _ first: ColumnType, _ second: ColumnType, _ body: @escaping @Sendable (Int32, Int32) -> Int64
  ) -> Overload {
    .binary(first, second, .date, errors: errors) { (a: Int32, b: Int32) in try date(body(a, b)) }
  }

  /// Dates up to the year 9999 have all their functions.
  static func date(_ days: Int64) throws -> Int32 {
    guard (-719_528...2_932_896).contains(days) else { throw QueryError("date out of range") }
    return Int32(days)
  }

  private static func instants(_ body: @escaping @Sendable (Interval) throws -> Interval) -> Overload {
    Overload([.exactly(.timestampTZ), .exactly(.interval)], result: { _ in .timestampTZ }, errors: errors) {
      arguments in
      let clock = try arguments.clock()
      return try arguments.map { (a: Int64, b: Interval) in try Calendar.add(a, try body(b), clock) }
    }
  }

  /// Days of 24 hours, and the rest.
  private static func span(_ a: Int64, _ b: Int64) throws -> Interval {
    let (micros, overflow) = a.subtractingReportingOverflow(b)
    guard !overflow, let days = Int32(exactly: micros / Calendar.day) else { throw outOfRange }
    return Interval(days: days, microseconds: micros % Calendar.day)
  }

  static let outOfRange = QueryError("interval out of range")

  private static func sum(_ a: Interval, _ b: Interval) throws -> Interval {
    let (months, first) = a.months.addingReportingOverflow(b.months)
    let (days, second) = a.days.addingReportingOverflow(b.days)
    let (micros, third) = a.microseconds.addingReportingOverflow(b.microseconds)
    if first || second || third { throw outOfRange }
    return Interval(months: months, days: days, microseconds: micros)
  }

  /// Fractions of months become days of a month of 30, fractions of days become time.
  static func times(_ value: Interval, _ factor: Double) throws -> Interval {
    let months = Double(value.months) * factor
    let wholeMonths = months.rounded(.towardZero)
    let daysOfMonths = rounded((months - wholeMonths) * 30)
    let days = Double(value.days) * factor
    var wholeDays = days.rounded(.towardZero) + daysOfMonths.rounded(.towardZero)
    var rest =
      rounded((days - days.rounded(.towardZero)) + (daysOfMonths - daysOfMonths.rounded(.towardZero)))
      * 86_400e6
    if abs(rest) >= 86_400e6 {
      wholeDays += (rest / 86_400e6).rounded(.towardZero)
      rest -= (rest / 86_400e6).rounded(.towardZero) * 86_400e6
    }
    let micros = (Double(value.microseconds) * factor + rest).rounded(.toNearestOrEven)
    guard let exactMonths = Int32(exactly: wholeMonths), let exactDays = Int32(exactly: wholeDays),
      let exactMicros = Int64(exactly: micros)
    else { throw outOfRange }
    return Interval(months: exactMonths, days: exactDays, microseconds: exactMicros)
  }

  /// To the microsecond of a day: binary fractions are not exact.
  private static func rounded(_ days: Double) -> Double { (days * 86_400e6).rounded() / 86_400e6 }
}
