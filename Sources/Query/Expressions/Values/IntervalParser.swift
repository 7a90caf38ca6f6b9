import Columns

/// Intervals from text: `1 year 2 mons -3 days 04:05:06.789`, `2 hours ago`, ISO 8601's `P1DT2H`.
enum IntervalParser {
  static func parse(_ text: UnsafeRawBufferPointer) -> Interval? {
    var scanner = TimeScanner(text)
    if scanner.isAtEnd { return nil }
    if scanner.take("P") { return iso(&scanner) }
    _ = scanner.take("@")
    var sum = Parts()
    var isNegated = false
    var count = 0
    while true {
      scanner.skipSpace()
      if scanner.isAtEnd { break }
      if let word = word(&scanner) {
        guard word == "ago", count > 0, scanner.isAtEnd else { return nil }
        isNegated = true
        break
      }
      guard let (sign, whole) = number(&scanner) else { return nil }
      if scanner.peek == UInt8(ascii: ":") {
        guard let time = clock(&scanner, hours: whole) else { return nil }
        guard sum.add(micros: sign * time) else { return nil }
      } else {
        var fraction: Int64 = 0
        if scanner.take(".") {
          guard let digits = scanner.fraction() else { return nil }
          fraction = digits
        }
        scanner.skipSpace()
        // A bare number counts seconds.
        let unit = word(&scanner) ?? "second"
        guard sum.add(sign, whole, fraction, unit) else { return nil }
      }
      count += 1
    }
    guard count > 0 else { return nil }
    return sum.interval(isNegated: isNegated)
  }

  private static func iso(_ scanner: inout TimeScanner) -> Interval? {
    var sum = Parts()
    var isTime = false
    if scanner.isAtEnd { return nil }
    while !scanner.isAtEnd {
      if scanner.take("T") {
        isTime = true
        continue
      }
      guard let (sign, whole) = number(&scanner) else { return nil }
      var fraction: Int64 = 0
      if scanner.take(".") {
        guard let digits = scanner.fraction() else { return nil }
        fraction = digits
      }
      let unit: String
      if scanner.take("Y") {
        unit = "year"
      } else if scanner.take("M") {
        unit = isTime ? "minute" : "month"
      } else if scanner.take("W") {
        unit = "week"
      } else if scanner.take("D") {
        unit = "day"
      } else if scanner.take("H") {
        unit = "hour"
      } else if scanner.take("S") {
        unit = "second"
      } else {
        return nil
      }
      guard sum.add(sign, whole, fraction, unit) else { return nil }
    }
    return sum.interval(isNegated: false)
  }

  private static func number(_ scanner: inout TimeScanner) -> (sign: Int64, whole: Int64)? {
    let sign: Int64 = scanner.take("-") ? -1 : 1
    if sign == 1 { _ = scanner.take("+") }
    if scanner.peek == UInt8(ascii: ".") { return (sign, 0) }
    guard let whole = scanner.number(1...18) else { return nil }
    return (sign, Int64(whole))
  }

  /// `:mm`, `:mm:ss.ffffff` after the hours.
  private static func clock(_ scanner: inout TimeScanner, hours: Int64) -> Int64? {
    guard hours < 1_000_000_000, scanner.take(":"), let minutes = scanner.number(1...2), minutes < 60 else {
      return nil
    }
    var micros = (hours * 60 + Int64(minutes)) * 60_000_000
    if scanner.take(":") {
      guard let seconds = scanner.number(1...2), seconds < 60 else { return nil }
      micros += Int64(seconds) * 1_000_000
      if scanner.take(".") {
        guard let fraction = scanner.fraction() else { return nil }
        micros += fraction
      }
    }
    return micros
  }

  private static func word(_ scanner: inout TimeScanner) -> String? {
    var word = ""
    while case let byte = scanner.peek, (byte | 0x20) &- UInt8(ascii: "a") < 26 {
      word.unicodeScalars.append(Unicode.Scalar(byte | 0x20))
      _ = scanner.take(Unicode.Scalar(byte))
    }
    return word.isEmpty ? nil : word
  }

  private struct Parts {
    var months: Int64 = 0
    var days: Int64 = 0
    var micros: Int64 = 0

    mutating func add(micros more: Int64) -> Bool {
      let (sum, overflow) = micros.addingReportingOverflow(more)
      micros = sum
      return !overflow
    }

    /// - Parameter fraction: In millionths of the unit; it goes to the next smaller unit.
    mutating func add(_ sign: Int64, _ whole: Int64, _ fraction: Int64, _ unit: String) -> Bool {
      guard let unit = TimeUnit(unit) else { return false }
      let (most, overflow) = whole.multipliedReportingOverflow(by: max(1, unit.size))
      guard !overflow, most < Int64.max / 2 else { return false }
      switch unit.kind {
      case .months:
        months += sign * most
        // Of a month of 30 days; of years, whole months.
        let part = fraction * unit.size
        months += sign * (part / 1_000_000)
        return unit.size > 1 ? true : addDays(sign, fraction: part * 30)
      case .days:
        days += sign * most
        return addDays(sign, fraction: fraction * unit.size)
      case .micros:
        let part = Int128(fraction) * Int128(unit.size)
        let (quotient, rest) = part.quotientAndRemainder(dividingBy: 1_000_000)
        return add(micros: sign * (most + Int64(quotient) + (rest >= 500_000 ? 1 : 0)))
      }
    }

    /// - Parameter fraction: Millionths of days.
    private mutating func addDays(_ sign: Int64, fraction: Int64) -> Bool {
      days += sign * (fraction / 1_000_000)
      return add(micros: sign * (fraction % 1_000_000) * 86_400)
    }

    func interval(isNegated: Bool) -> Interval? {
      let sign: Int64 = isNegated ? -1 : 1
      guard let months = Int32(exactly: sign * months), let days = Int32(exactly: sign * days), micros != .min
      else {
        return nil
      }
      return Interval(months: months, days: days, microseconds: sign * micros)
    }
  }
}

/// A unit of time in intervals, date_trunc and their like.
struct TimeUnit {
  enum Kind { case months, days, micros }

  let kind: Kind
  /// In months, days or microseconds.
  let size: Int64
  let name: Name

  enum Name: String {
    case microsecond, millisecond, second, minute, hour, day, week, month, quarter, year, decade, century,
      millennium
  }

  init?(_ name: String) {
    switch name {
    case "microsecond", "microseconds", "us", "usec", "usecs", "usecond", "useconds":
      self.init(.micros, 1, .microsecond)
    case "millisecond", "milliseconds", "ms", "msec", "msecs", "msecond", "mseconds":
      self.init(.micros, 1000, .millisecond)
    case "second", "seconds", "s", "sec", "secs": self.init(.micros, 1_000_000, .second)
    case "minute", "minutes", "m", "min", "mins": self.init(.micros, 60_000_000, .minute)
    case "hour", "hours", "h", "hr", "hrs": self.init(.micros, 3_600_000_000, .hour)
    case "day", "days", "d": self.init(.days, 1, .day)
    case "week", "weeks", "w": self.init(.days, 7, .week)
    case "month", "months", "mon", "mons": self.init(.months, 1, .month)
    case "quarter", "quarters", "qtr": self.init(.months, 3, .quarter)
    case "year", "years", "y", "yr", "yrs": self.init(.months, 12, .year)
    case "decade", "decades", "dec", "decs": self.init(.months, 120, .decade)
    case "century", "centuries", "c", "cent": self.init(.months, 1200, .century)
    case "millennium", "millennia", "mil", "mils": self.init(.months, 12_000, .millennium)
    default: return nil
    }
  }

  private init(_ kind: Kind, _ size: Int64, _ name: Name) {
    self.kind = kind
    self.size = size
    self.name = name
  }
}
