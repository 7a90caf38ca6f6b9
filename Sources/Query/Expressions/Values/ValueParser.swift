import Basics
import Columns

/// Values from their text forms, as PostgreSQL reads them: nil if the text is not a value of the type.
enum ValueParser {
  static func trimmed(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    var start = 0
    var end = text.count
    while start < end, text[start] == 0x20 || text[start] &- 9 < 5 { start += 1 }
    while end > start, text[end - 1] == 0x20 || text[end - 1] &- 9 < 5 { end -= 1 }
    return UnsafeRawBufferPointer(rebasing: text[start..<end])
  }

  static func integer<T: FixedWidthInteger>(_ text: UnsafeRawBufferPointer, _ type: T.Type = T.self) -> T? {
    let text = trimmed(text)
    guard let first = text.first else { return nil }
    let isNegative = first == UInt8(ascii: "-")
    var index = isNegative || first == UInt8(ascii: "+") ? 1 : 0
    guard index < text.count else { return nil }
    var value: T = 0
    while index < text.count {
      let digit = text[index] &- 0x30
      guard digit < 10 else { return nil }
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, second) =
        isNegative ? tens.subtractingReportingOverflow(T(digit)) : tens.addingReportingOverflow(T(digit))
      if overflow || second { return nil }
      value = sum
      index += 1
    }
    return value
  }

  static func bool(_ text: UnsafeRawBufferPointer) -> Bool? {
    switch String(decoding: trimmed(text), as: UTF8.self).lowercased() {
    case "t", "tr", "tru", "true", "y", "ye", "yes", "on", "1": true
    case "f", "fa", "fal", "fals", "false", "n", "no", "of", "off", "0": false
    default: nil
    }
  }

  static func double(_ text: UnsafeRawBufferPointer) -> Double? {
    let text = trimmed(text)
    if let value = shortDouble(text) { return value }
    let string = String(decoding: text, as: UTF8.self)
    switch string.lowercased() {
    case "nan": return .nan
    case "infinity", "inf", "+infinity", "+inf": return .infinity
    case "-infinity", "-inf": return -.infinity
    default: break
    }
    // Swift reads hexadecimal numbers too, and makes infinity of numbers out of range.
    guard !text.contains(where: { $0 | 0x20 == UInt8(ascii: "x") || $0 | 0x20 == UInt8(ascii: "n") }),
      let value = Double(string), value.isFinite
    else { return nil }
    return value
  }

  /// Numbers of up to 15 digits without an exponent: their digits and the power of ten are exact doubles, so that the quotient is
  /// rounded once.
  private static func shortDouble(_ text: UnsafeRawBufferPointer) -> Double? {
    guard let first = text.first, text.count <= 17 else { return nil }
    let isNegative = first == UInt8(ascii: "-")
    var mantissa: UInt64 = 0
    var digits = 0
    var scale = -1
    for byte in text.dropFirst(isNegative ? 1 : 0) {
      if byte == UInt8(ascii: "."), scale < 0 {
        scale = 0
        continue
      }
      guard byte &- 0x30 < 10 else { return nil }
      mantissa = mantissa &* 10 &+ UInt64(byte &- 0x30)
      digits += 1
      if scale >= 0 { scale += 1 }
    }
    guard (1...15).contains(digits) else { return nil }
    let value = scale > 0 ? Double(mantissa) / exactPowers[scale] : Double(mantissa)
    return isNegative ? -value : value
  }

  private static let exactPowers: [Double] = (0..<22).reduce(into: [1]) { $0.append($0[$1] * 10) }

  static func float(_ text: UnsafeRawBufferPointer) -> Float? {
    guard let wide = double(text) else { return nil }
    if !wide.isFinite || wide == 0 { return Float(wide) }
    // Read as a float at once: rounding twice could differ.
    guard let value = Float(String(decoding: trimmed(text), as: UTF8.self)), value.isFinite else {
      return nil
    }
    return value
  }

  /// The unscaled number of a decimal, rounded half away from zero.
  static func decimal(_ text: UnsafeRawBufferPointer, precision: Int, scale: Int) -> Int128? {
    let text = trimmed(text)
    var index = 0
    var isNegative = false
    if let first = text.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
      isNegative = first == UInt8(ascii: "-")
      index = 1
    }
    var digits: [UInt8] = []
    var point: Int?
    while index < text.count, text[index] &- 0x30 < 10 || text[index] == UInt8(ascii: ".") {
      if text[index] == UInt8(ascii: ".") {
        guard point == nil else { return nil }
        point = digits.count
      } else {
        digits.append(text[index] &- 0x30)
      }
      index += 1
    }
    guard !digits.isEmpty else { return nil }
    var exponent = 0
    if index < text.count, text[index] | 0x20 == UInt8(ascii: "e") {
      guard let value: Int32 = integer(UnsafeRawBufferPointer(rebasing: text[(index + 1)...])),
        value.magnitude < 100_000
      else { return nil }
      exponent = Int(value)
      index = text.count
    }
    guard index == text.count else { return nil }
    // The number of digits that are kept: those up to 10^-scale.
    let kept = (point ?? digits.count) + exponent + scale
    var value: UInt128 = 0
    for position in 0..<max(0, kept) {
      if position >= digits.count, value == 0 { break }
      value = value * 10 + UInt128(position < digits.count ? digits[position] : 0)
      if value >= Decimals.power(precision).magnitude { return nil }
    }
    if kept >= 0, kept < digits.count, digits[kept] >= 5 { value += 1 }
    guard value < Decimals.power(precision).magnitude else { return nil }
    return isNegative ? 0 - Int128(value) : Int128(value)
  }

  static func date(_ text: UnsafeRawBufferPointer) -> Int32? {
    var scanner = TimeScanner(text)
    guard let days = scanner.date() else { return nil }
    if scanner.isAtEnd { return Int32(exactly: days) }
    // A time of day is read and left out.
    return timestamp(text, .utc) == nil ? nil : Int32(exactly: days)
  }

  /// A local time; a time zone is read and left out.
  static func timestamp(_ text: UnsafeRawBufferPointer) -> Int64? { parts(text)?.local }

  /// An instant.
  /// - Parameter clock: Used if the text has no time zone.
  static func timestamp(_ text: UnsafeRawBufferPointer, _ clock: ZoneClock) -> Int64? {
    guard let (local, zone) = parts(text) else { return nil }
    return (zone ?? clock).instant(local)
  }

  private static func parts(_ text: UnsafeRawBufferPointer) -> (local: Int64, zone: ZoneClock?)? {
    var scanner = TimeScanner(text)
    guard let days = scanner.date() else { return nil }
    var micros = Int64(days) * 86_400_000_000
    if scanner.isAtEnd { return (micros, nil) }
    if scanner.take("T") || scanner.take("t") || scanner.take(" ") {
      scanner.skipSpace()
      guard let time = scanner.timeOfDay() else { return nil }
      micros += time
    }
    scanner.skipSpace()
    if scanner.isAtEnd { return (micros, nil) }
    guard let zone = try? ZoneClock.named(String(decoding: scanner.rest, as: UTF8.self)) else { return nil }
    return (micros, zone)
  }

  /// PostgreSQL's text form of bytes: `\x` and hexadecimal digits, or the bytes themselves with `\\` and `\ooo` as escapes.
  static func binary(_ text: UnsafeRawBufferPointer, into bytes: inout [UInt8]) -> Bool {
    if text.count >= 2, text[0] == UInt8(ascii: "\\"), text[1] == UInt8(ascii: "x") {
      return hexadecimal(UnsafeRawBufferPointer(rebasing: text[2...]), into: &bytes)
    }
    let start = bytes.count
    var index = 0
    while index < text.count {
      if text[index] != UInt8(ascii: "\\") {
        bytes.append(text[index])
        index += 1
      } else if index + 1 < text.count, text[index + 1] == UInt8(ascii: "\\") {
        bytes.append(UInt8(ascii: "\\"))
        index += 2
      } else if index + 3 < text.count,
        let value = Int(String(decoding: text[(index + 1)...(index + 3)], as: UTF8.self), radix: 8),
        value < 256
      {
        bytes.append(UInt8(value))
        index += 4
      } else {
        bytes.removeSubrange(start...)
        return false
      }
    }
    return true
  }

  /// - Returns: false, having appended nothing, for anything but pairs of hexadecimal digits.
  static func hexadecimal(_ text: UnsafeRawBufferPointer, into bytes: inout [UInt8]) -> Bool {
    let start = bytes.count
    guard text.count % 2 == 0 else { return false }
    for index in stride(from: 0, to: text.count, by: 2) {
      guard let high = digit(text[index]), let low = digit(text[index + 1]) else {
        bytes.removeSubrange(start...)
        return false
      }
      bytes.append(high << 4 | low)
    }
    return true
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  /// Whether the text is one JSON value.
  static func isJSON(_ text: UnsafeRawBufferPointer) -> Bool {
    var scanner = JSONScanner(text)
    do {
      scanner.skipSpace()
      try scanner.skipValue()
      try scanner.end()
      return true
    } catch {
      return false
    }
  }
}
