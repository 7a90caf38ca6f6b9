/// Instants and dates as ISO 8601 writes them, in the Gregorian calendar, years 0000 to 9999.
package enum ISO8601 {
  package static let millisecondsPerDay: Int64 = 86_400_000

  /// Reads `YYYY-MM-DD`, or with a time of day behind `T`, `t` or a space: `hh:mm` or `hh:mm:ss`, seconds with a fraction of any
  /// length behind `.` or `,` (cut to milliseconds, towards the past), then `Z`, `z`, `±hh:mm`, `±hhmm`, `±hh`, or
  /// nothing for UTC. There is no 24:00 and no leap second.
  /// - Returns: Milliseconds since 1970 UTC, or nil where the text is anything else.
  package static func milliseconds(_ text: UnsafeRawBufferPointer) -> Int64? {
    var rest = Digits(text)
    guard let year = rest.number(4), rest.take("-"), let month = rest.number(2), rest.take("-"),
      let day = rest.number(2), let days = days(year: year, month: month, day: day)
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

  /// `2025-04-01T12:00:00.000Z`; nil outside of the years 0000 to 9999, which the format cannot express.
  package static func text(milliseconds: Int64) -> String? {
    guard (-62_167_219_200_000...253_402_300_799_999).contains(milliseconds) else { return nil }
    let (quotient, remainder) = milliseconds.quotientAndRemainder(dividingBy: millisecondsPerDay)
    let day = remainder < 0 ? quotient - 1 : quotient
    let time = Int(milliseconds - day * millisecondsPerDay)
    func padded(_ value: Int, _ width: Int) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    return CivilDate.text(Int(day)) + "T\(padded(time / 3_600_000, 2)):\(padded(time / 60_000 % 60, 2))"
      + ":\(padded(time / 1000 % 60, 2)).\(padded(time % 1000, 3))Z"
  }

  /// Days since 1970-01-01; nil where there is no such date. Years are counted from March, so that the leap day is their last.
  static func days(year: Int, month: Int, day: Int) -> Int? {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let lengths: InlineArray<12, Int> = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    guard (0...9999).contains(year), (1...12).contains(month), day >= 1, day <= lengths[month - 1] else {
      return nil
    }
    // 400 years are a whole number of days, so shifting by them keeps every division on positive numbers.
    let marchYear = year + 400 - (month <= 2 ? 1 : 0)
    let marchMonth = (month + 9) % 12
    let dayOfYear = (153 * marchMonth + 2) / 5 + day - 1
    return marchYear * 365 + marchYear / 4 - marchYear / 100 + marchYear / 400 + dayOfYear - 719_468 - 146_097
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
