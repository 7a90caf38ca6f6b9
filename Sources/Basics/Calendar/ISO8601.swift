// ISO 8601 timestamps: reading them from bytes, writing them.

/// Instants and dates in ISO 8601, in the Gregorian calendar, years 0000 to 9999.
package enum ISO8601 {
  package static let millisecondsPerDay = CivilDate.millisecondsPerDay

  /// Reads `YYYY-MM-DD`, optionally followed by `T`, `t` or a space and a time of day: `hh:mm` or `hh:mm:ss`, with a fraction
  /// of a second of any length after `.` or `,` (truncated to milliseconds), then `Z`, `z`, `±hh:mm`, `±hhmm`, `±hh`,
  /// or nothing for UTC. 24:00 and leap seconds are not accepted.
  /// - Returns: Milliseconds since 1970 UTC, or nil if the text is anything else.
  package static func milliseconds(_ text: UnsafeRawBufferPointer) -> Int64? {
    var rest = Digits(text)
    guard let year = rest.number(4), rest.take("-"), let month = rest.number(2), rest.take("-"),
      let day = rest.number(2), let days = CivilDate.days(year: year, month: month, day: day)
    else { return nil }
    var result = Int64(days) * millisecondsPerDay
    if rest.isAtEnd { return result }
    guard rest.take("T") || rest.take("t") || rest.take(" "), let hour = rest.number(2), hour < 24,
      rest.take(":"), let minute = rest.number(2), minute < 60
    else { return nil }
    result += Int64(hour * 60 + minute) * 60_000
    if rest.take(":") {
      guard let second = rest.number(2), second < 60 else { return nil }
      result += Int64(second) * 1000
      if rest.take(".") || rest.take(",") {
        guard let fraction = rest.fraction() else { return nil }
        result += Int64(fraction)
      }
    }
    if rest.isAtEnd { return result }
    if rest.take("Z") || rest.take("z") { return rest.isAtEnd ? result : nil }
    let isEast = rest.take("+")
    guard isEast || rest.take("-"), let hours = rest.number(2), hours < 24 else { return nil }
    var offset = hours * 60
    if !rest.isAtEnd {
      _ = rest.take(":")
      guard let minutes = rest.number(2), minutes < 60, rest.isAtEnd else { return nil }
      offset += minutes
    }
    return result - Int64(isEast ? offset : -offset) * 60_000
  }

  package static func milliseconds(_ text: String) -> Int64? {
    var text = text
    return text.withUTF8 { milliseconds(UnsafeRawBufferPointer($0)) }
  }

  /// What can be written and read again: the years 0000 to 9999.
  package static let range: ClosedRange<Int64> = -62_167_219_200_000...253_402_300_799_999

  /// `2025-04-01T12:00:00.000Z`, from milliseconds since 1970 UTC.
  package static func text(_ milliseconds: Int64) -> String {
    let days = milliseconds.flooredDivision(by: millisecondsPerDay)
    let rest = Int(milliseconds - days * millisecondsPerDay)
    func padded(_ value: Int, _ width: Int = 2) -> String { PlainText.zeroPadded(value, width) }
    return "\(CivilDate.text(Int(days)))T\(padded(rest / 3_600_000)):\(padded(rest / 60_000 % 60)):"
      + "\(padded(rest / 1000 % 60)).\(padded(rest % 1000, 3))Z"
  }
}

/// A cursor over ASCII digits and signs.
private struct Digits {
  private let text: UnsafeRawBufferPointer
  private var position = 0

  init(_ text: UnsafeRawBufferPointer) { self.text = text }

  var isAtEnd: Bool { position == text.count }

  mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard position < text.count, UInt32(text[position]) == character.value else { return false }
    position += 1
    return true
  }

  private mutating func digit() -> Int? {
    guard position < text.count, case let value = text[position] &- 0x30, value < 10 else { return nil }
    position += 1
    return Int(value)
  }

  /// A number of exactly `count` digits.
  mutating func number(_ count: Int) -> Int? {
    var value = 0
    for _ in 0..<count {
      guard let digit = digit() else { return nil }
      value = value * 10 + digit
    }
    return value
  }

  /// The thousandths of a fraction of at least one digit.
  mutating func fraction() -> Int? {
    guard var value = digit() else { return nil }
    var count = 1
    while let digit = digit() {
      if count < 3 { value = value * 10 + digit }
      count += 1
    }
    while count < 3 {
      value *= 10
      count += 1
    }
    return value
  }
}
