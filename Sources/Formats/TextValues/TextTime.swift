import Basics

/// Dates and times in text, read without making strings: `YYYY-MM-DD`, then perhaps `T` or a space, `hh:mm`, `:ss`, a fraction
/// (cut to microseconds), and a zone: `Z`, `UTC`, `±hh`, `±hhmm`, `±hh:mm`. White space around them is allowed.
struct TextTime {
  /// Days since 1970-01-01.
  var days: Int
  /// Since midnight.
  var microseconds: Int64 = 0
  var hasTime = false
  /// Seconds east of UTC; nil if the text has no zone.
  var zone: Int?

  /// Microseconds since 1970-01-01 00:00, by the clock that the text shows.
  var timestamp: Int64 { Int64(days) * 86_400_000_000 + microseconds }

  /// Microseconds since 1970 UTC; a time without a zone counts as UTC.
  var instant: Int64 { timestamp - Int64(zone ?? 0) * 1_000_000 }

  init?(_ first: UnsafePointer<UInt8>, _ count: Int) {
    var start = first
    var end = first + count
    TextNumber.trim(&start, &end)
    var text = Cursor(next: start, end: end)
    guard end - start >= 10, let year = text.number(4), text.take("-"), let month = text.number(2),
      text.take("-"), let day = text.number(2),
      let days = CivilDate.days(year: year, month: month, day: day)
    else { return nil }
    self.days = days
    if text.isAtEnd { return }
    guard text.take("T") || text.take("t") || text.take(" ") else { return nil }
    guard let hour = text.number(2), hour < 24, text.take(":"), let minute = text.number(2), minute < 60
    else { return nil }
    hasTime = true
    microseconds = Int64(hour * 60 + minute) * 60_000_000
    if text.take(":") {
      guard let second = text.number(2), second < 60 else { return nil }
      microseconds += Int64(second) * 1_000_000
      if text.take(".") || text.take(",") {
        guard let fraction = text.fraction() else { return nil }
        microseconds += fraction
      }
    }
    if text.isAtEnd { return }
    _ = text.take(" ")
    if text.take("Z") || text.take("z") || text.takeUTC() {
      zone = 0
      guard text.isAtEnd else { return nil }
      return
    }
    let isEast = text.take("+")
    guard isEast || text.take("-"), let hours = text.number(2), hours < 24 else { return nil }
    var minutes = 0
    if !text.isAtEnd {
      _ = text.take(":")
      guard let written = text.number(2), written < 60, text.isAtEnd else { return nil }
      minutes = written
    }
    zone = (isEast ? 1 : -1) * (hours * 3600 + minutes * 60)
  }

  private struct Cursor {
    var next: UnsafePointer<UInt8>
    let end: UnsafePointer<UInt8>

    var isAtEnd: Bool { next == end }

    @inline(__always)
    mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard next < end, next.pointee == UInt8(ascii: character) else { return false }
      next += 1
      return true
    }

    mutating func takeUTC() -> Bool {
      guard end - next == 3, next[1] | 0x20 == UInt8(ascii: "t") || next[1] | 0x20 == UInt8(ascii: "m"),
        ["utc", "gmt"].contains(TextWord.lowercased(next, 3))
      else { return false }
      next += 3
      return true
    }

    @inline(__always)
    mutating func number(_ count: Int) -> Int? {
      guard end - next >= count else { return nil }
      var value = 0
      for index in 0..<count {
        let digit = next[index] &- UInt8(ascii: "0")
        guard digit < 10 else { return nil }
        value = value * 10 + Int(digit)
      }
      next += count
      return value
    }

    /// Microseconds of a fraction of a second of at least one digit.
    mutating func fraction() -> Int64? {
      var value: Int64 = 0
      var count = 0
      while next < end, case let digit = next.pointee &- UInt8(ascii: "0"), digit < 10 {
        if count < 6 { value = value * 10 + Int64(digit) }
        count += 1
        next += 1
      }
      guard count > 0 else { return nil }
      while count < 6 {
        value *= 10
        count += 1
      }
      return value
    }
  }
}
