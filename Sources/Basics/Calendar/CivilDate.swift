/// Dates of the Gregorian calendar as days since 1970-01-01, without time zones or Foundation's calendars.
package enum CivilDate {
  package static let millisecondsPerDay: Int64 = 86_400_000

  /// Reads `YYYY-MM-DD`, years 1970 to 9999.
  /// - Returns: Days since 1970-01-01, or nil where the text is no such date.
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
    guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10), year >= 1970 else {
      return nil
    }
    guard (1...12).contains(month), (1...31).contains(day) else { return nil }
    let days = days(year: year, month: month, day: day)
    // The 31st of a shorter month lands in the next one.
    return components(days) == (year, month, day) ? days : nil
  }

  /// `YYYY-MM-DD` of a day since 1970-01-01.
  package static func text(_ days: Int) -> String {
    let (year, month, day) = components(days)
    func padded(_ value: Int, _ width: Int) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
  }

  /// 0 for Sunday.
  package static func weekday(_ days: Int) -> Int { ((days + 4) % 7 + 7) % 7 }

  // The next two count from 1 March, so that the leap day is the last of a year (H. Hinnant,
  // "chrono-compatible low-level date algorithms").
  private static func days(year: Int, month: Int, day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private static func components(_ days: Int) -> (year: Int, month: Int, day: Int) {
    // 400 years are a whole number of days, so shifting by them keeps every division on positive numbers.
    let z = days + 719_468 + 146_097
    let era = z / 146_097
    let dayOfEra = z - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9)
    return (
      yearOfEra + era * 400 + (month <= 2 ? 1 : 0) - 400, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    )
  }
}
