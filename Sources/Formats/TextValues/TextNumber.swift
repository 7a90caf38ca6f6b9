import Glibc

/// Numbers in text, read without making strings. White space around them is allowed.
enum TextNumber {
  /// Moves the ends to the first and after the last byte that is no white space.
  @inline(__always)
  static func trim(_ start: inout UnsafePointer<UInt8>, _ end: inout UnsafePointer<UInt8>) {
    while start < end, start.pointee <= 0x20, start.pointee == 0x20 || start.pointee &- 9 < 5 { start += 1 }
    while start < end, end[-1] <= 0x20, end[-1] == 0x20 || end[-1] &- 9 < 5 { end -= 1 }
  }

  /// Digits with an optional sign; nil for anything else and beyond 64 bits.
  @inline(__always)
  static func int64(_ first: UnsafePointer<UInt8>, _ count: Int) -> Int64? {
    var start = first
    var end = first + count
    trim(&start, &end)
    guard start < end else { return nil }
    let isNegative = start.pointee == UInt8(ascii: "-")
    if isNegative || start.pointee == UInt8(ascii: "+") { start += 1 }
    var length = end - start
    guard length > 0 else { return nil }
    while length > 18, start.pointee == UInt8(ascii: "0") {
      start += 1
      length -= 1
    }
    guard length <= 19 else { return nil }
    var value: UInt64 = 0
    while start < end {
      let digit = start.pointee &- UInt8(ascii: "0")
      guard digit < 10 else { return nil }
      value = value &* 10 &+ UInt64(digit)
      start += 1
    }
    if isNegative { return value <= 1 << 63 ? Int64(truncatingIfNeeded: 0 &- value) : nil }
    return value < 1 << 63 ? Int64(value) : nil
  }

  private static let powers: [Double] = (0...22).reduce(into: []) { powers, exponent in
    powers.append(exponent == 0 ? 1 : powers[exponent - 1] * 10)
  }

  /// A decimal number, `NaN`, `inf` or `infinity` in any case; rounded to the nearest double. nil for anything else, and for
  /// finite numbers out of range.
  static func double(_ first: UnsafePointer<UInt8>, _ count: Int) -> Double? {
    var start = first
    var end = first + count
    trim(&start, &end)
    guard start < end else { return nil }
    let from = start
    let isNegative = start.pointee == UInt8(ascii: "-")
    if isNegative || start.pointee == UInt8(ascii: "+") { start += 1 }
    var mantissa: UInt64 = 0
    var digits = 0
    var exponent = 0
    while start < end, case let digit = start.pointee &- UInt8(ascii: "0"), digit < 10 {
      mantissa = mantissa &* 10 &+ UInt64(digit)
      digits += 1
      start += 1
    }
    if start < end, start.pointee == UInt8(ascii: ".") {
      start += 1
      while start < end, case let digit = start.pointee &- UInt8(ascii: "0"), digit < 10 {
        mantissa = mantissa &* 10 &+ UInt64(digit)
        digits += 1
        exponent -= 1
        start += 1
      }
    }
    guard digits > 0 else { return word(start, end, isNegative) }
    if start < end {
      guard start.pointee | 0x20 == UInt8(ascii: "e") else { return nil }
      start += 1
      var isDown = false
      if start < end, start.pointee == UInt8(ascii: "-") || start.pointee == UInt8(ascii: "+") {
        isDown = start.pointee == UInt8(ascii: "-")
        start += 1
      }
      guard start < end else { return nil }
      var written = 0
      while start < end {
        let digit = start.pointee &- UInt8(ascii: "0")
        guard digit < 10 else { return nil }
        if written < 100_000 { written = written * 10 + Int(digit) }
        start += 1
      }
      exponent += isDown ? -written : written
    }
    // Both factors are exact, so the result is rounded once (Clinger's fast path).
    if digits <= 19, mantissa <= 1 << 53, exponent >= -22, exponent <= 22 {
      let value =
        exponent < 0 ? Double(mantissa) / powers[-exponent] : Double(mantissa) * powers[exponent]
      return isNegative ? -value : value
    }
    return slow(UnsafeBufferPointer(start: from, count: end - from))
  }

  /// The syntax has been checked.
  private static func slow(_ bytes: UnsafeBufferPointer<UInt8>) -> Double? {
    let value = withUnsafeTemporaryAllocation(of: CChar.self, capacity: bytes.count + 1) { text in
      for index in 0..<bytes.count { text[index] = CChar(bitPattern: bytes[index]) }
      text[bytes.count] = 0
      return text.baseAddress.map { strtod($0, nil) } ?? .nan
    }
    return value.isFinite ? value : nil
  }

  private static func word(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ isNegative: Bool)
    -> Double?
  {
    switch TextWord.lowercased(start, end - start) {
    case "nan": .nan
    case "inf", "infinity": isNegative ? -.infinity : .infinity
    default: nil
    }
  }

  /// The unscaled number of an exact decimal, rounded half away from zero to `scale` digits; nil if it has more digits than
  /// `precision` or is no number.
  static func decimal(_ first: UnsafePointer<UInt8>, _ count: Int, precision: Int, scale: Int) -> Int128? {
    var start = first
    var end = first + count
    trim(&start, &end)
    guard start < end else { return nil }
    let isNegative = start.pointee == UInt8(ascii: "-")
    if isNegative || start.pointee == UInt8(ascii: "+") { start += 1 }
    var digits: [UInt8] = []
    var point: Int?
    var exponent = 0
    while start < end {
      let byte = start.pointee
      if byte &- UInt8(ascii: "0") < 10 {
        digits.append(byte &- UInt8(ascii: "0"))
      } else if byte == UInt8(ascii: "."), point == nil {
        point = digits.count
      } else if byte | 0x20 == UInt8(ascii: "e"), let written = int64(start + 1, end - start - 1),
        written.magnitude <= 1000
      {
        exponent = Int(written)
        break
      } else {
        return nil
      }
      start += 1
    }
    guard !digits.isEmpty else { return nil }
    // Digits up to the last of the scale; the next one rounds.
    let kept = (point ?? digits.count) + exponent + scale
    var value: Int128 = 0
    var limit: Int128 = 1
    for _ in 0..<precision { limit *= 10 }
    for index in 0..<max(0, kept) {
      value = value * 10 + Int128(index < digits.count ? digits[index] : 0)
      if value >= limit { return nil }
      if value == 0, index >= digits.count { break }
    }
    if kept >= 0, kept < digits.count, digits[kept] >= 5 { value += 1 }
    if value >= limit { return nil }
    return isNegative ? -value : value
  }
}

/// Short words in text.
enum TextWord {
  /// The text in lower case (ASCII); empty if it is longer than any word with a meaning.
  static func lowercased(_ start: UnsafePointer<UInt8>, _ count: Int) -> String {
    guard count <= 16 else { return "" }
    let bytes = UnsafeBufferPointer(start: start, count: count)
    return String(
      decoding: bytes.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 },
      as: UTF8.self)
  }

  /// `true`, `t`, `yes`, `y`, `on`, `1` and their opposites, in any case, as PostgreSQL reads them.
  static func bool(_ first: UnsafePointer<UInt8>, _ count: Int) -> Bool? {
    var start = first
    var end = first + count
    TextNumber.trim(&start, &end)
    switch lowercased(start, end - start) {
    case "true", "t", "yes", "y", "on", "1": return true
    case "false", "f", "no", "n", "off", "0": return false
    default: return nil
    }
  }
}
