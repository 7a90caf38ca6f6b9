import Workloads

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

/// The same grammar, by counting years and months one by one.
private enum SlowTime {
  static func milliseconds(_ bytes: [UInt8]) -> Int64? {
    guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
    let form =
      #/(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?(Z|z|[+-]\d\d(?::?\d\d)?)?)?/#
      .asciiOnlyDigits().matchingSemantics(.unicodeScalar)
    guard let match = text.wholeMatch(of: form), let year = Int(match.1), let month = Int(match.2),
      let day = Int(match.3), 1...12 ~= month, 1...length(of: month, in: year) ~= day
    else { return nil }
    let hour = match.4.flatMap { Int($0) } ?? 0
    let minute = match.5.flatMap { Int($0) } ?? 0
    let second = match.6.flatMap { Int($0) } ?? 0
    guard hour < 24, minute < 60, second < 60 else { return nil }
    let fraction = match.7.map { Int64(($0 + "000").prefix(3)) ?? 0 } ?? 0
    var offset = 0
    if let zone = match.8, zone.lowercased() != "z" {
      let digits = zone.filter(\.isNumber)
      guard let hours = Int(digits.prefix(2)), hours < 24 else { return nil }
      let minutes = digits.count > 2 ? Int(digits.suffix(2)) ?? 60 : 0
      guard minutes < 60 else { return nil }
      offset = (hours * 60 + minutes) * (zone.first == "-" ? -1 : 1)
    }
    var days = day - 1
    for earlier in 1..<month { days += length(of: earlier, in: year) }
    // From year 0 on; 1970 began 719,528 days after it did.
    days += daysBefore[year] - 719_528
    return Int64(((days * 24 + hour) * 60 + minute - offset) * 60 + second) * 1000 + fraction
  }

  /// Of the first day of each year, since that of year 0.
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
