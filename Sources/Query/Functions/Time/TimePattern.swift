import Basics
import Columns

/// The patterns of `to_char`, `to_timestamp` and `to_date`, as in PostgreSQL.
struct TimePattern {
  enum Field: String, CaseIterable {
    // Longer names come first: HH24 before HH.
    case isoYear = "IYYY"
    case year = "YYYY"
    case yearWithComma = "Y,YYY"
    case year3 = "YYY"
    case year2 = "YY"
    case year1 = "Y"
    case hour24 = "HH24"
    case hour12 = "HH12"
    case hour = "HH"
    case month3 = "MON"
    case monthName = "MONTH"
    case month = "MM"
    case minute = "MI"
    case dayOfYear = "DDD"
    case day = "DD"
    case dayName = "DAY"
    case dayName2 = "DY"
    case dayOfWeek = "D"
    case isoDay = "ID"
    case isoWeek = "IW"
    case secondOfDay = "SSSSS"
    case secondOfDay4 = "SSSS"
    case second = "SS"
    case milli = "MS"
    case micro = "US"
    case fraction1 = "FF1"
    case fraction2 = "FF2"
    case fraction3 = "FF3"
    case fraction4 = "FF4"
    case fraction5 = "FF5"
    case fraction6 = "FF6"
    case half = "AM"
    case half2 = "PM"
    case halfDots = "A.M."
    case halfDots2 = "P.M."
    case quarter = "Q"
    case weekOfYear = "WW"
    case weekOfMonth = "W"
    case century = "CC"
    case julian = "J"
    case era = "BC"
    case era2 = "AD"
    case zoneHours = "TZH"
    case zoneMinutes = "TZM"
    case zone = "TZ"
    case offset = "OF"
  }

  enum Case { case upper, lower, capitalized }

  enum Part {
    case literal([UInt8])
    /// `ordinal` is the case of `th` after the field, if it is there.
    case field(Field, style: Case, isPadded: Bool, ordinal: Case?)
  }

  let parts: [Part]

  static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November",
    "December",
  ]
  static let days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

  private static let fields = Field.allCases.sorted { $0.rawValue.count > $1.rawValue.count }

  init(_ pattern: String) {
    var parts: [Part] = []
    var literal: [UInt8] = []
    var rest = Array(pattern.utf8)[...]
    var isPadded = true
    func upper(_ count: Int) -> String { String(decoding: rest.prefix(count), as: UTF8.self).uppercased() }
    scan: while let byte = rest.first {
      if byte == UInt8(ascii: "\"") {
        rest.removeFirst()
        while let next = rest.popFirst(), next != UInt8(ascii: "\"") {
          literal.append(next == UInt8(ascii: "\\") ? rest.popFirst() ?? next : next)
        }
        continue
      }
      if upper(2) == "FM" {
        rest.removeFirst(2)
        isPadded = false
        continue
      }
      for field in TimePattern.fields where upper(field.rawValue.utf8.count) == field.rawValue {
        let name = Array(rest.prefix(field.rawValue.utf8.count))
        rest.removeFirst(name.count)
        if !literal.isEmpty { parts.append(.literal(literal)) }
        literal = []
        let isLower = { (byte: UInt8) in byte &- UInt8(ascii: "a") < 26 }
        let style: Case =
          isLower(name[0]) ? .lower : name.count > 1 && isLower(name[1]) ? .capitalized : .upper
        var ordinal: Case?
        if upper(2) == "TH", let first = rest.first {
          ordinal = isLower(first) ? .lower : .upper
          rest.removeFirst(2)
        }
        parts.append(.field(field, style: style, isPadded: isPadded, ordinal: ordinal))
        isPadded = true
        continue scan
      }
      literal.append(byte)
      rest.removeFirst()
    }
    if !literal.isEmpty { parts.append(.literal(literal)) }
    self.parts = parts
  }
}
