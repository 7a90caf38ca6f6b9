import Basics
import Columns

/// Values as text, in PostgreSQL's forms: for casts, terminals and CSV.
package struct ValueText: Sendable {
  private let clock: ZoneClock

  /// - Parameter timeZone: In which instants are shown.
  /// - Throws: ``QueryError`` for an unknown time zone.
  package init(timeZone: String) throws { clock = try ZoneClock.named(timeZone) }

  init(_ clock: ZoneClock) { self.clock = clock }

  package func text(_ value: ScalarValue, _ type: ColumnType) -> String {
    var bytes: [UInt8] = []
    append(value, type, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Appends the text of a value; nothing for null.
  package func append(_ value: ScalarValue, _ type: ColumnType, to bytes: inout [UInt8]) {
    switch (value, type) {
    case (.null, _): break
    case (.bool(let value), _): bytes += (value ? "true" : "false").utf8
    case (.int(let value), .date): Self.appendDate(value, to: &bytes)
    case (.int(let value), .timestamp): Self.appendTimestamp(value, to: &bytes)
    case (.int(let value), .timestampTZ): appendInstant(value, to: &bytes)
    case (.int(let value), .timestampMillis): appendInstant(value &* 1000, to: &bytes)
    case (.int(let value), _): Self.appendInteger(value, to: &bytes)
    case (.decimal(let value), .decimal(_, let scale)): Self.appendDecimal(value, scale, to: &bytes)
    case (.decimal(let value), _): Self.appendDecimal(value, 0, to: &bytes)
    case (.float(let value), _): Self.appendFloat(value, to: &bytes)
    case (.double(let value), _): Self.appendDouble(value, to: &bytes)
    case (.bytes(let value), .binary): value.withUnsafeBytes { Self.appendBinary($0, to: &bytes) }
    case (.bytes(let value), _): bytes += value
    case (.interval(let value), _): Self.appendInterval(value, to: &bytes)
    case (.list(let items), .list(let element)): appendList(items, element, to: &bytes)
    case (.structure(let items), .structure(let fields)): appendStructure(items, fields, to: &bytes)
    case (.list, _), (.structure, _): break
    }
  }

  // MARK: Numbers

  static func appendInteger(_ value: Int64, to bytes: inout [UInt8]) {
    if value < 0 { bytes.append(UInt8(ascii: "-")) }
    appendDigits(value.magnitude, to: &bytes)
  }

  private static func appendDigits(_ value: UInt64, to bytes: inout [UInt8]) {
    var digits: InlineArray<20, UInt8> = .init(repeating: 0)
    var count = 0
    var rest = value
    repeat {
      digits[count] = UInt8(truncatingIfNeeded: rest % 10) + 0x30
      rest /= 10
      count += 1
    } while rest > 0
    while count > 0 {
      count -= 1
      bytes.append(digits[count])
    }
  }

  /// With leading zeros; `value` is not negative.
  static func appendPadded(_ value: Int64, _ width: Int, to bytes: inout [UInt8]) {
    var limit: Int64 = 10
    for _ in 1..<max(1, width) {
      if value < limit { bytes.append(0x30) }
      limit *= 10
    }
    appendInteger(value, to: &bytes)
  }

  static func appendDecimal(_ value: Int128, _ scale: Int, to bytes: inout [UInt8]) {
    if value < 0 { bytes.append(UInt8(ascii: "-")) }
    if scale == 0, let small = UInt64(exactly: value.magnitude) { return appendDigits(small, to: &bytes) }
    var digits = Array(String(value.magnitude).utf8)
    if digits.count <= scale {
      digits.insert(contentsOf: repeatElement(0x30, count: scale + 1 - digits.count), at: 0)
    }
    bytes += digits.dropLast(scale)
    if scale > 0 {
      bytes.append(UInt8(ascii: "."))
      bytes += digits.suffix(scale)
    }
  }

  static func appendDouble(_ value: Double, to bytes: inout [UInt8]) {
    appendShortest(value.description, value.isFinite, value.isNaN, value < 0, digits: 15, to: &bytes)
  }

  static func appendFloat(_ value: Float, to bytes: inout [UInt8]) {
    appendShortest(value.description, value.isFinite, value.isNaN, value < 0, digits: 6, to: &bytes)
  }

  /// The shortest digits that read as the same number, as Swift finds them, in C's form: an exponent for numbers below 10⁻⁴ or of
  /// `digits` and more digits before the point.
  private static func appendShortest(
    _ text: String, _ isFinite: Bool, _ isNaN: Bool, _ isNegative: Bool, digits: Int, to bytes: inout [UInt8]
  ) {
    guard isFinite else {
      bytes += (isNaN ? "NaN" : isNegative ? "-Infinity" : "Infinity").utf8
      return
    }
    var mantissa: [UInt8] = []
    var point: Int?
    var exponent = 0
    var rest = Array(text.utf8)[...]
    if rest.first == UInt8(ascii: "-") { bytes.append(rest.removeFirst()) }
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: ".") {
        point = mantissa.count
      } else if byte == UInt8(ascii: "e") {
        exponent = Int(String(decoding: rest, as: UTF8.self)) ?? 0
        break
      } else {
        mantissa.append(byte)
      }
    }
    // Position of the point after the first digit of the number that is not 0.
    var before = (point ?? mantissa.count) + exponent
    while mantissa.count > 1, mantissa.first == 0x30 {
      mantissa.removeFirst()
      before -= 1
    }
    while mantissa.count > 1, mantissa.last == 0x30 { mantissa.removeLast() }
    if mantissa == [0x30] {
      bytes.append(0x30)
    } else if before < -3 || before > digits {
      bytes.append(mantissa[0])
      if mantissa.count > 1 {
        bytes.append(UInt8(ascii: "."))
        bytes += mantissa.dropFirst()
      }
      bytes.append(UInt8(ascii: "e"))
      bytes.append(UInt8(ascii: before > 0 ? "+" : "-"))
      appendPadded(Int64(abs(before - 1)), 2, to: &bytes)
    } else if before <= 0 {
      bytes += "0.".utf8
      bytes += repeatElement(0x30, count: -before)
      bytes += mantissa
    } else {
      bytes += mantissa.prefix(before)
      bytes += repeatElement(0x30, count: max(0, before - mantissa.count))
      if mantissa.count > before {
        bytes.append(UInt8(ascii: "."))
        bytes += mantissa.dropFirst(before)
      }
    }
  }

  // MARK: Times

  static func appendDate(_ days: Int64, to bytes: inout [UInt8]) {
    let (year, month, day) = CivilDate.components(Int(days))
    // There is no year 0: 1 BC comes before 1.
    appendPadded(Int64(year > 0 ? year : 1 - year), 4, to: &bytes)
    bytes.append(UInt8(ascii: "-"))
    appendPadded(Int64(month), 2, to: &bytes)
    bytes.append(UInt8(ascii: "-"))
    appendPadded(Int64(day), 2, to: &bytes)
    if year <= 0 { bytes += " BC".utf8 }
  }

  static func appendTimestamp(_ micros: Int64, to bytes: inout [UInt8]) {
    let days = micros.flooredDivision(by: 86_400_000_000)
    let (year, _, _) = CivilDate.components(Int(days))
    appendDate(days, to: &bytes)
    if year <= 0 { bytes.removeLast(3) }
    bytes.append(UInt8(ascii: " "))
    appendTime(micros - days * 86_400_000_000, to: &bytes)
    if year <= 0 { bytes += " BC".utf8 }
  }

  func appendInstant(_ micros: Int64, to bytes: inout [UInt8]) {
    let offset = clock.offset(at: micros)
    Self.appendTimestamp(micros &+ offset &* 1_000_000, to: &bytes)
    Self.appendOffset(offset, to: &bytes)
  }

  /// `+02`, `+05:30`.
  static func appendOffset(_ offset: Int64, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: offset < 0 ? "-" : "+"))
    let seconds = abs(offset)
    appendPadded(seconds / 3600, 2, to: &bytes)
    if seconds % 3600 != 0 {
      bytes.append(UInt8(ascii: ":"))
      appendPadded(seconds / 60 % 60, 2, to: &bytes)
    }
    if seconds % 60 != 0 {
      bytes.append(UInt8(ascii: ":"))
      appendPadded(seconds % 60, 2, to: &bytes)
    }
  }

  /// `hh:mm:ss` and the fraction of a second, if there is one. Hours may be over 24.
  static func appendTime(_ micros: Int64, to bytes: inout [UInt8]) {
    appendPadded(micros / 3_600_000_000, 2, to: &bytes)
    bytes.append(UInt8(ascii: ":"))
    appendPadded(micros / 60_000_000 % 60, 2, to: &bytes)
    bytes.append(UInt8(ascii: ":"))
    appendPadded(micros / 1_000_000 % 60, 2, to: &bytes)
    let fraction = micros % 1_000_000
    if fraction != 0 {
      bytes.append(UInt8(ascii: "."))
      appendPadded(fraction, 6, to: &bytes)
      while bytes.last == 0x30 { bytes.removeLast() }
    }
  }

  static func appendInterval(_ value: Interval, to bytes: inout [UInt8]) {
    var isFirst = true
    var wasNegative = false
    func part(_ amount: Int32, _ unit: String) {
      guard amount != 0 else { return }
      if !isFirst { bytes.append(UInt8(ascii: " ")) }
      if wasNegative, amount > 0 { bytes.append(UInt8(ascii: "+")) }
      bytes += "\(amount) \(unit)\(amount == 1 ? "" : "s")".utf8
      isFirst = false
      wasNegative = amount < 0
    }
    part(value.months / 12, "year")
    part(value.months % 12, "mon")
    part(value.days, "day")
    guard value.microseconds != 0 || isFirst else { return }
    if !isFirst { bytes.append(UInt8(ascii: " ")) }
    if value.microseconds < 0 {
      bytes.append(UInt8(ascii: "-"))
    } else if wasNegative {
      bytes.append(UInt8(ascii: "+"))
    }
    appendTime(Int64(clamping: value.microseconds.magnitude), to: &bytes)
  }

  // MARK: Bytes, lists, structs

  static func appendBinary(_ value: UnsafeRawBufferPointer, to bytes: inout [UInt8]) {
    bytes += "\\x".utf8
    for byte in value { bytes += [hexDigits[Int(byte >> 4)], hexDigits[Int(byte & 15)]] }
  }

  static let hexDigits = Array("0123456789abcdef".utf8)

  /// `{1,NULL,"a b"}`.
  private func appendList(_ items: [ScalarValue], _ element: ColumnType, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "{"))
    for (index, item) in items.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      if item.isNull {
        bytes += "NULL".utf8
        continue
      }
      var text: [UInt8] = []
      append(item, element, to: &text)
      if case .list = element {
        bytes += text
      } else {
        Self.appendQuoted(text, special: "{},\"\\ \t\n\r", isNullWord: true, escapesQuotes: true, to: &bytes)
      }
    }
    bytes.append(UInt8(ascii: "}"))
  }

  /// `(1,,"a b")`.
  private func appendStructure(_ items: [ScalarValue], _ fields: [ColumnField], to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "("))
    for (index, (item, field)) in zip(items, fields).enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      if item.isNull { continue }
      var text: [UInt8] = []
      append(item, field.type, to: &text)
      Self.appendQuoted(text, special: "(),\"\\ \t\n\r", isNullWord: false, escapesQuotes: false, to: &bytes)
    }
    bytes.append(UInt8(ascii: ")"))
  }

  private static func appendQuoted(
    _ text: [UInt8], special: String, isNullWord: Bool, escapesQuotes: Bool, to bytes: inout [UInt8]
  ) {
    let special = Array(special.utf8)
    let needsQuotes =
      text.isEmpty || text.contains(where: special.contains)
      || isNullWord && String(decoding: text, as: UTF8.self).uppercased() == "NULL"
    guard needsQuotes else {
      bytes += text
      return
    }
    bytes.append(UInt8(ascii: "\""))
    for byte in text {
      if byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "\"") {
        bytes.append(escapesQuotes ? UInt8(ascii: "\\") : byte)
      }
      bytes.append(byte)
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
