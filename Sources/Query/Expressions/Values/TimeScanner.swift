import Basics
import Columns

/// Reads dates and times of day as PostgreSQL writes them, and as ISO 8601 does.
struct TimeScanner {
  private let text: UnsafeRawBufferPointer
  private(set) var position = 0

  init(_ text: UnsafeRawBufferPointer) {
    var start = 0
    var end = text.count
    while start < end, text[start] == 0x20 || text[start] &- 9 < 5 { start += 1 }
    while end > start, text[end - 1] == 0x20 || text[end - 1] &- 9 < 5 { end -= 1 }
    self.text = UnsafeRawBufferPointer(rebasing: text[start..<end])
  }

  var isAtEnd: Bool { position == text.count }

  /// The next byte, 0 at the end.
  var peek: UInt8 { position < text.count ? text[position] : 0 }

  var rest: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: text[position...]) }

  mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard position < text.count, text[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  mutating func skipSpace() { while take(" ") {} }

  /// A number of `range` digits.
  mutating func number(_ range: ClosedRange<Int>) -> Int? {
    var value = 0
    var count = 0
    while count < range.upperBound, case let digit = peek &- 0x30, digit < 10, position < text.count {
      value = value * 10 + Int(digit)
      position += 1
      count += 1
    }
    return count >= range.lowerBound ? value : nil
  }

  /// `YYYY-MM-DD`, `YYYY/MM/DD` or `YYYYMMDD`, as days since 1970-01-01.
  mutating func date() -> Int? {
    let start = position
    if let year = number(4...6),
      let separator = [UInt8(ascii: "-"), UInt8(ascii: "/")].first(where: { $0 == peek })
    {
      position += 1
      guard let month = number(1...2), peek == separator else { return nil }
      position += 1
      guard let day = number(1...2) else { return nil }
      return CivilDate.days(year: year, month: month, day: day)
    }
    position = start
    guard let digits = number(8...8) else { return nil }
    return CivilDate.days(year: digits / 10_000, month: digits / 100 % 100, day: digits % 100)
  }

  /// `hh:mm`, `hh:mm:ss`, `hh:mm:ss.ffffff`, in microseconds; 24:00:00 at most. Digits beyond the sixth are rounded.
  mutating func timeOfDay() -> Int64? {
    guard let hour = number(1...2), take(":"), let minute = number(2...2), minute < 60 else { return nil }
    var micros = Int64(hour * 60 + minute) * 60_000_000
    if take(":") {
      guard let second = number(2...2), second <= 60 else { return nil }
      micros += Int64(second) * 1_000_000
      if take(".") || take(",") {
        guard let fraction = fraction() else { return nil }
        micros += fraction
      }
    }
    return hour <= 24 && micros <= 86_400_000_000 ? micros : nil
  }

  /// The digits after a decimal point in millionths, rounded.
  mutating func fraction() -> Int64? {
    var value: Int64 = 0
    var count = 0
    var roundsUp = false
    while case let digit = peek &- 0x30, digit < 10, position < text.count {
      if count < 6 { value = value * 10 + Int64(digit) }
      if count == 6 { roundsUp = digit >= 5 }
      count += 1
      position += 1
    }
    guard count > 0 else { return nil }
    while count < 6 {
      value *= 10
      count += 1
    }
    return roundsUp ? value + 1 : value
  }

  /// `±hh`, `±hhmm`, `±hh:mm`, `±hh:mm:ss`, in seconds.
  mutating func offset() -> Int64? {
    let isEast = take("+")
    guard isEast || take("-"), let hours = number(1...2), hours < 24 else { return nil }
    var seconds = hours * 3600
    if take(":") || peek &- 0x30 < 10 && !isAtEnd {
      guard let minutes = number(2...2), minutes < 60 else { return nil }
      seconds += minutes * 60
      if take(":") {
        guard let rest = number(2...2), rest < 60 else { return nil }
        seconds += rest
      }
    }
    return Int64(isEast ? seconds : -seconds)
  }
}
