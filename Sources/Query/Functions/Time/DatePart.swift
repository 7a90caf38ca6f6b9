import Basics
import Columns

/// `date_part` and `extract`: one field of a time as a number.
enum DatePart {
  static func unknown(_ field: String, _ type: ColumnType) -> QueryError {
    QueryError(
      "\(type.sqlName) has no field '\(field)'",
      hint: Nearest.name(to: field, among: names).map { "did you mean '\($0)'?" }
        ?? "there are year, month, day, hour, minute, second, week, quarter, dow, doy, epoch and others")
  }

  private static let names = [
    "year", "month", "day", "hour", "minute", "second", "millisecond", "microsecond", "quarter", "week",
    "dow", "isodow",
    "doy", "isoyear", "decade", "century", "millennium", "epoch", "julian", "timezone", "timezone_hour",
    "timezone_minute",
  ]

  /// A field of a local time.
  /// - Parameters:
  ///   - instant: For `epoch`: microseconds since 1970 UTC; the local time itself for times without a zone.
  ///   - offset: Seconds from UTC; nil for times without a zone.
  /// - Returns: nil if there is no such field.
  static func value(_ field: String, _ local: Int64, instant: Int64, offset: Int64?) -> Double? {
    let days = Calendar.days(local)
    let time = Calendar.timeOfDay(local)
    let (year, month, day) = CivilDate.components(days)
    // There is no year 0.
    let shownYear = year > 0 ? year : year - 1
    switch TimeUnit(field)?.name ?? field {
    case "year": return Double(shownYear)
    case "month": return Double(month)
    case "day": return Double(day)
    case "hour": return Double(time / 3_600_000_000)
    case "minute": return Double(time / 60_000_000 % 60)
    case "second": return Double(time % 60_000_000) / 1e6
    case "millisecond": return Double(time % 60_000_000) / 1e3
    case "microsecond": return Double(time % 60_000_000)
    case "quarter": return Double((month - 1) / 3 + 1)
    case "week": return Double(Calendar.isoWeek(days).week)
    case "isoyear": return Double(Calendar.isoWeek(days).year)
    case "dow", "dayofweek": return Double(CivilDate.weekday(days))
    case "isodow": return Double((CivilDate.weekday(days) + 6) % 7 + 1)
    case "doy", "dayofyear": return Double(Calendar.dayOfYear(days))
    case "decade": return Double(year.flooredDivision(by: 10))
    case "century": return Double(year > 0 ? (year + 99) / 100 : year / 100 - 1)
    case "millennium": return Double(year > 0 ? (year + 999) / 1000 : year / 1000 - 1)
    case "epoch": return Double(instant) / 1e6
    case "julian": return Double(days + 2_440_588) + Double(time) / Double(Calendar.day)
    case "timezone": return offset.map { Double($0) }
    case "timezone_hour": return offset.map { Double($0 / 3600) }
    case "timezone_minute": return offset.map { Double($0 / 60 % 60) }
    default: return nil
    }
  }

  static func value(_ field: String, _ interval: Interval) -> Double? {
    let (months, days, time) = (interval.months, interval.days, interval.microseconds)
    switch TimeUnit(field)?.name ?? field {
    case "year": return Double(months / 12)
    case "month": return Double(months % 12)
    case "day": return Double(days)
    case "hour": return Double(time / 3_600_000_000)
    case "minute": return Double(time / 60_000_000 % 60)
    case "second": return Double(time % 60_000_000) / 1e6
    case "millisecond": return Double(time % 60_000_000) / 1e3
    case "microsecond": return Double(time % 60_000_000)
    case "quarter": return Double(months % 12 / 3 + 1)
    case "decade": return Double(months / 120)
    case "century": return Double(months / 1200)
    case "millennium": return Double(months / 12_000)
    case "epoch":
      // Years of 365.25 days, months of 30.
      let dayCount = Double(months / 12) * 365.25 + Double(months % 12) * 30 + Double(days)
      return dayCount * 86_400 + Double(time) / 1e6
    default: return nil
    }
  }

  static let overloads: [Overload] = [
    Overload([.exactly(.string), .exactly(.timestamp)], result: { _ in .double }, errors: errors) {
      arguments in
      let times: (Int) -> Int64 = try arguments.reader(1)
      return try parts(arguments) { field, row in
        value(field, times(row), instant: times(row), offset: nil)
      }
    },
    Overload([.exactly(.string), .exactly(.date)], result: { _ in .double }, errors: errors) { arguments in
      let days: (Int) -> Int32 = try arguments.reader(1)
      return try parts(arguments) { field, row in
        let local = Int64(days(row)) * Calendar.day
        return value(field, local, instant: local, offset: nil)
      }
    },
    Overload([.exactly(.string), .exactly(.timestampTZ)], result: { _ in .double }, errors: errors) {
      arguments in
      let clock = try arguments.clock()
      let instants: (Int) -> Int64 = try arguments.reader(1)
      return try parts(arguments) { field, row in
        let instant = instants(row)
        return value(field, clock.local(instant), instant: instant, offset: clock.offset(at: instant))
      }
    },
    Overload([.exactly(.string), .exactly(.interval)], result: { _ in .double }, errors: errors) {
      arguments in
      let intervals: (Int) -> Interval = try arguments.reader(1)
      return try parts(arguments) { field, row in value(field, intervals(row)) }
    },
  ]

  private static let errors = "an error for an unknown field"

  /// - Parameter body: The field of a row; nil if there is no such field.
  private static func parts(_ arguments: Arguments, _ body: (String, Int) -> Double?) throws -> Column {
    try arguments.withStrings(0) { fields in
      let constant = arguments.vectors[0].isConstant ? fields.text(0).lowercased() : nil
      return Column(
        .double(
          try arguments.fill { row in
            let field = constant ?? fields.text(row).lowercased()
            guard let value = body(field, row) else { throw unknown(field, arguments.vectors[1].type) }
            return value
          }))
    }
  }
}
