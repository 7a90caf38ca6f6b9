// The one calendar: days since 1970-01-01 to and from year, month and day, without time zones or Foundation.

/// Dates of the proleptic Gregorian calendar as days since 1970-01-01.
package enum CivilDate {
  package static let millisecondsPerDay: Int64 = 86_400_000

  /// Reads `YYYY-MM-DD`, years 0001 to 9999.
  /// - Returns: Days since 1970-01-01, or nil if the text is not such a date.
  package static func parse(_ text: String) -> Int? {
    let bytes = Array(text.utf8)
    guard bytes.count == 10, bytes[4] == 0x2d, bytes[7] == 0x2d else { return nil }
    func number(_ range: Range<Int>) -> Int? {
      var value = 0
      for byte in bytes[range] {
        guard (0x30...0x39).contains(byte) else { return nil }
        value = value * 10 + Int(byte - 0x30)
      }
      return value
    }
    guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10), year > 0
    else { return nil }
    return days(year: year, month: month, day: day)
  }

  /// `YYYY-MM-DD` of a day since 1970-01-01; longer or negative beyond the years 0000 to 9999.
  package static func text(_ days: Int) -> String {
    let (year, month, day) = components(days)
    return
      "\(PlainText.zeroPadded(year, 4))-\(PlainText.zeroPadded(month, 2))-\(PlainText.zeroPadded(day, 2))"
  }

  /// 0 for Sunday.
  package static func weekday(_ days: Int) -> Int { ((days + 4) % 7 + 7) % 7 }

  /// Days since 1970-01-01; nil if there is no such date. Years 0000 to 9999.
  package static func days(year: Int, month: Int, day: Int) -> Int? {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let lengths: InlineArray<12, Int> = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    guard (0...9999).contains(year), (1...12).contains(month), day >= 1, day <= lengths[month - 1] else {
      return nil
    }
    // Years start in March, so that the leap day is the last of a year (H. Hinnant, "chrono-compatible low-level date
    // algorithms"). 400 years are a whole number of days: shifting by them keeps every division on positive numbers.
    let marchYear = year + 400 - (month <= 2 ? 1 : 0)
    let marchMonth = (month + 9) % 12
    let dayOfYear = (153 * marchMonth + 2) / 5 + day - 1
    return marchYear * 365 + marchYear / 4 - marchYear / 100 + marchYear / 400 + dayOfYear - 719_468 - 146_097
  }

  package static func components(_ days: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = shifted.flooredDivision(by: 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let month = (5 * dayOfYear + 2) / 153
    return (
      yearOfEra + era * 400 + (month < 10 ? 0 : 1), month < 10 ? month + 3 : month - 9,
      dayOfYear - (153 * month + 2) / 5 + 1
    )
  }
}

extension FixedWidthInteger {
  /// Rounds towards minus infinity.
  package func flooredDivision(by divisor: Self) -> Self {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
  }
}
