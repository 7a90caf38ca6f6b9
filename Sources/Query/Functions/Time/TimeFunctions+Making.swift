import Basics
import Columns

// Times from numbers and texts, and back.

extension TimeFunctions {
  static let making: [Function] = [
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
}
