import Basics
import Columns

extension TimePattern {
  /// What a text says, so far.
  private struct Read {
    var year: Int?
    var isBefore = false
    var month = 1
    var day = 1
    var dayOfYear: Int?
    var hour: Int64 = 0
    var isAfternoon: Bool?
    var minute: Int64 = 0
    var second: Int64 = 0
    var secondOfDay: Int64?
    var micros: Int64 = 0
    var julian: Int?
    var offset: Int64?
    var zoneSign: Int64 = 1
  }

  /// - Returns: The local time, and the offset from UTC in seconds if the pattern has one; nil if the text does not fit.
  func parse(_ text: UnsafeRawBufferPointer) -> (local: Int64, offset: Int64?)? {
    var scanner = TimeScanner(text)
    var read = Read()
    for (index, part) in parts.enumerated() {
      switch part {
      case .literal(let literal):
        for byte in literal {
          // Any space or separator stands for another, as in PostgreSQL.
          if byte == 0x20 {
            scanner.skipSpace()
          } else if scanner.peek == byte || !TimePattern.isSeparator(byte)
            || TimePattern.isSeparator(scanner.peek)
          {
            guard !scanner.isAtEnd, scanner.take(Unicode.Scalar(scanner.peek)) else { return nil }
          }
        }
      case .field(let field, _, _, let ordinal):
        // A field right before another field of digits has its full width only.
        var isFixed = false
        if index + 1 < parts.count, case .field = parts[index + 1] { isFixed = true }
        scanner.skipSpace()
        guard TimePattern.read(field, isFixed, &scanner, &read) else { return nil }
        if ordinal != nil { for _ in 0..<2 { _ = scanner.take(Unicode.Scalar(scanner.peek)) } }
      }
    }
    return TimePattern.result(read)
  }

  private static func isSeparator(_ byte: UInt8) -> Bool {
    byte != 0 && byte < 0x80 && !byte.isLetterOrDigit
  }

  private static func read(_ field: Field, _ isFixed: Bool, _ scanner: inout TimeScanner, _ read: inout Read)
    -> Bool
  {
    func number(_ width: Int) -> Int? { scanner.number(1...width) }
    switch field {
    case .year, .isoYear:
      guard let value = scanner.number(1...(isFixed ? 4 : 6)) else { return false }
      read.year = value
    case .year3, .year2, .year1:
      let width = field == .year3 ? 3 : field == .year2 ? 2 : 1
      guard let value = number(width) else { return false }
      // The year nearest to 2020.
      read.year = value + (width == 2 ? value < 70 ? 2000 : 1900 : 2000)
    case .yearWithComma:
      guard let thousands = number(3), scanner.take(","), let rest = scanner.number(3...3) else {
        return false
      }
      read.year = thousands * 1000 + rest
    case .month:
      guard let value = number(2), (1...12).contains(value) else { return false }
      read.month = value
    case .month3, .monthName:
      guard let index = name(months, short: field == .month3, &scanner) else { return false }
      read.month = index + 1
    case .day:
      guard let value = number(2), (1...31).contains(value) else { return false }
      read.day = value
    case .dayOfYear:
      guard let value = number(3), (1...366).contains(value) else { return false }
      read.dayOfYear = value
    case .dayName, .dayName2: return name(days, short: field == .dayName2, &scanner) != nil
    case .hour24, .hour12, .hour:
      guard let value = number(2), value < (field == .hour24 ? 24 : 13) else { return false }
      read.hour = Int64(value)
    case .minute:
      guard let value = number(2), value < 60 else { return false }
      read.minute = Int64(value)
    case .second:
      guard let value = number(2), value < 60 else { return false }
      read.second = Int64(value)
    case .secondOfDay, .secondOfDay4:
      guard let value = number(5), value < 86_400 else { return false }
      read.secondOfDay = Int64(value)
    case .milli, .fraction1, .fraction2, .fraction3, .fraction4, .fraction5, .micro, .fraction6:
      // As digits after a point: 5 is half a second.
      guard let fraction = scanner.fraction() else { return false }
      read.micros = fraction
    case .half, .half2, .halfDots, .halfDots2:
      let isAfternoon = scanner.take("p") || scanner.take("P")
      guard isAfternoon || scanner.take("a") || scanner.take("A") else { return false }
      _ = scanner.take(".")
      guard scanner.take("m") || scanner.take("M") else { return false }
      _ = scanner.take(".")
      read.isAfternoon = isAfternoon
    case .era, .era2:
      let isBefore = scanner.take("b") || scanner.take("B")
      guard isBefore || scanner.take("a") || scanner.take("A") else { return false }
      guard scanner.take("c") || scanner.take("C") || scanner.take("d") || scanner.take("D") else {
        return false
      }
      read.isBefore = isBefore
    case .julian:
      guard let value = number(7) else { return false }
      read.julian = value
    case .zoneHours:
      let isWest = scanner.take("-")
      if !isWest { _ = scanner.take("+") }
      guard let hours = number(2), hours < 24 else { return false }
      read.zoneSign = isWest ? -1 : 1
      read.offset = read.zoneSign * Int64(hours) * 3600
    case .zoneMinutes:
      guard let minutes = number(2), minutes < 60 else { return false }
      read.offset = (read.offset ?? 0) + read.zoneSign * Int64(minutes) * 60
    case .offset, .zone:
      if scanner.take("Z") || scanner.take("z") {
        read.offset = 0
        return true
      }
      guard let offset = scanner.offset() else { return false }
      read.offset = offset
    case .quarter, .dayOfWeek, .isoDay, .isoWeek, .weekOfYear, .weekOfMonth, .century:
      // Read, but without use, as in PostgreSQL together with a date.
      return number(2) != nil
    }
    return true
  }

  /// The index of the name that comes next, without regard to case.
  private static func name(_ names: [String], short: Bool, _ scanner: inout TimeScanner) -> Int? {
    let rest = String(decoding: scanner.rest.prefix(12), as: UTF8.self).lowercased()
    for (index, name) in names.enumerated() {
      let name = short ? String(name.prefix(3)) : name
      guard rest.hasPrefix(name.lowercased()) else { continue }
      for _ in name.utf8 { _ = scanner.take(Unicode.Scalar(scanner.peek)) }
      return index
    }
    return nil
  }

  private static func result(_ read: Read) -> (local: Int64, offset: Int64?)? {
    var days: Int
    if let julian = read.julian {
      days = julian - 2_440_588
    } else {
      let year = read.isBefore ? 1 - (read.year ?? 1) : read.year ?? 1
      guard let start = CivilDate.days(year: year, month: read.month, day: read.day) else { return nil }
      days = start
      if let dayOfYear = read.dayOfYear {
        guard let first = CivilDate.days(year: year, month: 1, day: 1) else { return nil }
        days = first + dayOfYear - 1
      }
    }
    var hour = read.hour
    if let isAfternoon = read.isAfternoon {
      guard (1...12).contains(hour) else { return nil }
      hour = hour % 12 + (isAfternoon ? 12 : 0)
    }
    let seconds = read.secondOfDay ?? (hour * 3600 + read.minute * 60 + read.second)
    return (Int64(days) * Calendar.day + seconds * 1_000_000 + read.micros, read.offset)
  }

  private static let errors = "an error for a text that does not fit the pattern"

  static let toTimestamp = Overload(
    [.exactly(.string), .exactly(.string)], result: { _ in .timestampTZ }, errors: errors
  ) { arguments in
    let clock = try arguments.clock()
    return Column(
      .int64(
        try parse(arguments) { local, offset in
          offset.map { local - $0 * 1_000_000 } ?? clock.instant(local)
        }))
  }

  static let toDate = Overload(
    [.exactly(.string), .exactly(.string)], result: { _ in .date }, errors: errors
  ) { arguments in
    Column(.int32(try parse(arguments) { local, _ in Int32(clamping: Calendar.days(local)) }))
  }

  private static func parse<R: StoredValue>(_ arguments: Arguments, _ body: (Int64, Int64?) -> R) throws
    -> [R]
  {
    try arguments.withStrings(0, 1) { texts, patterns in
      let constant = arguments.vectors[1].isConstant ? TimePattern(patterns.text(0)) : nil
      return try arguments.fill { row in
        guard let (local, offset) = (constant ?? TimePattern(patterns.text(row))).parse(texts[row]) else {
          throw QueryError("'\(texts.text(row).prefix(80))' does not fit the pattern '\(patterns.text(row))'")
        }
        return body(local, offset)
      }
    }
  }
}
