import Basics
import Columns

extension TimePattern {
  /// Appends a local time.
  /// - Parameter zone: The name and offset; nil for times without a zone.
  func append(_ local: Int64, zone: (name: String, offset: Int64)?, to bytes: inout [UInt8]) {
    for part in parts {
      switch part {
      case .literal(let text): bytes += text
      case .field(let field, let style, let isPadded, let ordinal):
        let start = bytes.count
        append(field, style, isPadded, local, zone, to: &bytes)
        if let ordinal { TimePattern.appendOrdinal(Array(bytes[start...]), ordinal, to: &bytes) }
      }
    }
  }

  private func append(
    _ field: Field, _ style: Case, _ isPadded: Bool, _ local: Int64, _ zone: (name: String, offset: Int64)?,
    to bytes: inout [UInt8]
  ) {
    let days = Calendar.days(local)
    let time = Calendar.timeOfDay(local)
    let (year, month, day) = CivilDate.components(days)
    let hour = time / 3_600_000_000
    func number(_ value: some BinaryInteger, _ width: Int) {
      ValueText.appendPadded(Int64(value), isPadded ? width : 1, to: &bytes)
    }
    func name(_ text: String, _ width: Int) {
      let cased = style == .upper ? text.uppercased() : style == .lower ? text.lowercased() : text
      bytes += PlainText.padded(cased, isPadded ? width : 0).utf8
    }
    let years = year > 0 ? year : 1 - year
    switch field {
    case .year: number(years, 4)
    case .year3: number(years % 1000, 3)
    case .year2: number(years % 100, 2)
    case .year1: number(years % 10, 1)
    case .yearWithComma:
      number(years / 1000, 1)
      bytes.append(UInt8(ascii: ","))
      ValueText.appendPadded(Int64(years % 1000), 3, to: &bytes)
    case .isoYear: number(Calendar.isoWeek(days).year, 4)
    case .hour24: number(hour, 2)
    case .hour12, .hour: number((hour + 11) % 12 + 1, 2)
    case .month: number(month, 2)
    case .month3: name(String(TimePattern.months[month - 1].prefix(3)), 3)
    case .monthName: name(TimePattern.months[month - 1], 9)
    case .minute: number(time / 60_000_000 % 60, 2)
    case .day: number(day, 2)
    case .dayOfYear: number(Calendar.dayOfYear(days), 3)
    case .dayName: name(TimePattern.days[CivilDate.weekday(days)], 9)
    case .dayName2: name(String(TimePattern.days[CivilDate.weekday(days)].prefix(3)), 3)
    case .dayOfWeek: number(CivilDate.weekday(days) + 1, 1)
    case .isoDay: number((CivilDate.weekday(days) + 6) % 7 + 1, 1)
    case .isoWeek: number(Calendar.isoWeek(days).week, 2)
    case .secondOfDay, .secondOfDay4: number(time / 1_000_000, 1)
    case .second: number(time / 1_000_000 % 60, 2)
    case .milli, .fraction3: ValueText.appendPadded(time % 1_000_000 / 1000, 3, to: &bytes)
    case .micro, .fraction6: ValueText.appendPadded(time % 1_000_000, 6, to: &bytes)
    case .fraction1: ValueText.appendPadded(time % 1_000_000 / 100_000, 1, to: &bytes)
    case .fraction2: ValueText.appendPadded(time % 1_000_000 / 10_000, 2, to: &bytes)
    case .fraction4: ValueText.appendPadded(time % 1_000_000 / 100, 4, to: &bytes)
    case .fraction5: ValueText.appendPadded(time % 1_000_000 / 10, 5, to: &bytes)
    case .half, .half2: bytes += (style == .lower ? hour < 12 ? "am" : "pm" : hour < 12 ? "AM" : "PM").utf8
    case .halfDots, .halfDots2:
      bytes += (style == .lower ? hour < 12 ? "a.m." : "p.m." : hour < 12 ? "A.M." : "P.M.").utf8
    case .quarter: number((month - 1) / 3 + 1, 1)
    case .weekOfYear: number((Calendar.dayOfYear(days) - 1) / 7 + 1, 2)
    case .weekOfMonth: number((day - 1) / 7 + 1, 1)
    case .century: number((years + 99) / 100, 2)
    case .julian: number(days + 2_440_588, 1)
    case .era, .era2: bytes += (style == .lower ? year > 0 ? "ad" : "bc" : year > 0 ? "AD" : "BC").utf8
    case .zone: bytes += (style == .lower ? (zone?.name ?? "").lowercased() : zone?.name ?? "").utf8
    case .offset: if let zone { ValueText.appendOffset(zone.offset, to: &bytes) }
    case .zoneHours:
      guard let zone else { return }
      bytes.append(UInt8(ascii: zone.offset < 0 ? "-" : "+"))
      ValueText.appendPadded(abs(zone.offset) / 3600, 2, to: &bytes)
    case .zoneMinutes: ValueText.appendPadded(abs(zone?.offset ?? 0) / 60 % 60, 2, to: &bytes)
    }
  }

  /// `st`, `nd`, `rd` or `th`.
  private static func appendOrdinal(_ digits: [UInt8], _ style: Case, to bytes: inout [UInt8]) {
    let number = Int(String(decoding: digits, as: UTF8.self)) ?? 0
    let isTeen = (11...13).contains(number % 100)
    let suffix =
      isTeen ? "th" : number % 10 == 1 ? "st" : number % 10 == 2 ? "nd" : number % 10 == 3 ? "rd" : "th"
    bytes += (style == .upper ? suffix.uppercased() : suffix).utf8
  }

  static let toChar: [Overload] = [
    Overload([.exactly(.timestamp), .exactly(.string)], result: { _ in .string }) { arguments in
      let times: (Int) -> Int64 = try arguments.reader(0)
      return try print(arguments) { row in (times(row), nil) }
    },
    Overload([.exactly(.timestampTZ), .exactly(.string)], result: { _ in .string }) { arguments in
      let times: (Int) -> Int64 = try arguments.reader(0)
      let clock = try arguments.clock()
      return try print(arguments) { row in
        (clock.local(times(row)), (arguments.session.timeZone, clock.offset(at: times(row))))
      }
    },
  ]

  private static func print(
    _ arguments: Arguments, _ time: (Int) -> (Int64, (name: String, offset: Int64)?)
  ) throws -> Column {
    try arguments.withStrings(1) { patterns in
      let constant = arguments.vectors[1].isConstant ? TimePattern(patterns.text(0)) : nil
      return try arguments.strings { row, bytes in
        let (local, zone) = time(row)
        (constant ?? TimePattern(patterns.text(row))).append(local, zone: zone, to: &bytes)
      }
    }
  }
}
