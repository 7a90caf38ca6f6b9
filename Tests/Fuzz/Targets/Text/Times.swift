import Basics

extension FuzzTarget {
  static let iso8601 = FuzzTarget("iso8601", longest: 64) {
    [
      "2025-04-01", "2024-02-29T23:59:59.999Z", "0000-01-01T00:00", "9999-12-31 23:59:59,123456789+23:59",
      "1969-12-31t23:59:59.9z", "2000-03-01T12:00:00-0130", "1900-02-28T01:02:03+05",
    ].map { Array($0.utf8) }
  } check: { input in
    let found = input.withUnsafeBytes { ISO8601.milliseconds($0) }
    let expected = SlowTime.milliseconds(input)
    try require(
      found == expected,
      "\(found.map { "\($0)" } ?? "nothing") where \(String(describing: expected)) is right")
  }
}

/// A simple parser for the same grammar that counts years and months one by one.
private enum SlowTime {
  static func milliseconds(_ bytes: [UInt8]) -> Int64? {
    var rest = bytes[...]
    guard let year = digits(&rest, 4), drop("-", &rest), let month = digits(&rest, 2), drop("-", &rest),
      let day = digits(&rest, 2), 1...12 ~= month, 1...length(of: month, in: year) ~= day
    else { return nil }
    var (hour, minute, second, fraction, offset) = (0, 0, 0, 0, 0)
    if !rest.isEmpty {
      guard drop("Tt ", &rest), let h = digits(&rest, 2), drop(":", &rest), let m = digits(&rest, 2) else {
        return nil
      }
      (hour, minute) = (h, m)
      if drop(":", &rest) {
        guard let s = digits(&rest, 2) else { return nil }
        second = s
        if drop(".,", &rest) {
          let places = Array(rest.prefix { 0x30...0x39 ~= $0 })
          rest = rest.dropFirst(places.count)
          guard !places.isEmpty else { return nil }
          fraction = (places + [0x30, 0x30]).prefix(3).reduce(0) { $0 * 10 + Int($1 - 0x30) }
        }
      }
      guard let zone = zone(&rest) else { return nil }
      offset = zone
    }
    guard rest.isEmpty, hour < 24, minute < 60, second < 60 else { return nil }
    var days = day - 1
    for earlier in 1..<month { days += length(of: earlier, in: year) }
    // Days since year 0. 1970 started on day 719,528.
    days += daysBefore[year] - 719_528
    return Int64(((days * 24 + hour) * 60 + minute - offset) * 60 + second) * 1000 + Int64(fraction)
  }

  /// Returns the offset in minutes east of UTC.
  private static func zone(_ rest: inout ArraySlice<UInt8>) -> Int? {
    if rest.isEmpty || drop("Zz", &rest) { return 0 }
    let sign = rest.first == UInt8(ascii: "-") ? -1 : 1
    guard drop("+-", &rest), let hours = digits(&rest, 2), hours < 24 else { return nil }
    if rest.isEmpty { return sign * hours * 60 }
    _ = drop(":", &rest)
    guard let minutes = digits(&rest, 2), minutes < 60 else { return nil }
    return sign * (hours * 60 + minutes)
  }

  private static func digits(_ rest: inout ArraySlice<UInt8>, _ count: Int) -> Int? {
    let found = rest.prefix(count)
    guard found.count == count, found.allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
    rest = rest.dropFirst(count)
    return found.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }

  private static func drop(_ any: String, _ rest: inout ArraySlice<UInt8>) -> Bool {
    guard let first = rest.first, any.utf8.contains(first) else { return false }
    rest = rest.dropFirst()
    return true
  }

  /// Days from the start of year 0 to the start of each year.
  private static let daysBefore: [Int] = (0...9999).reduce(into: [0]) { days, year in
    days.append(days[year] + (isLeap(year) ? 366 : 365))
  }

  private static func isLeap(_ year: Int) -> Bool { year % 400 == 0 || year % 4 == 0 && year % 100 != 0 }

  private static func length(of month: Int, in year: Int) -> Int {
    switch month {
    case 2: isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}
