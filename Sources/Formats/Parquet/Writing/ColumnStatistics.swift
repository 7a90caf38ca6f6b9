/// The `Statistics` of a column chunk, which readers use to skip row groups.
struct ColumnStatistics {
  /// PLAIN-encoded; strings without their length prefix. nil if the chunk has no non-null value.
  private(set) var min: [UInt8]?
  private(set) var max: [UInt8]?
  /// False if the bound is a truncated string.
  private(set) var isMinExact = true
  private(set) var isMaxExact = true
  let nulls: Int

  /// Longer strings are truncated: a bound need not be an actual value.
  private static let maxStringBytes = 64

  private init<T>(_ low: T, _ high: T, nulls: Int) {
    min = withUnsafeBytes(of: low) { Array($0) }
    max = withUnsafeBytes(of: high) { Array($0) }
    self.nulls = nulls
  }

  init(nulls: Int) { self.nulls = nulls }

  init<T: FixedWidthInteger>(_ values: UnsafeBufferPointer<T>, nulls: Int) {
    guard var low = values.first else {
      self.init(nulls: nulls)
      return
    }
    var high = low
    for value in values {
      low = Swift.min(low, value)
      high = Swift.max(high, value)
    }
    self.init(low, high, nulls: nulls)
  }

  init(_ values: UnsafeBufferPointer<Bool>, nulls: Int) {
    guard !values.isEmpty else {
      self.init(nulls: nulls)
      return
    }
    self.init(values.allSatisfy { $0 }, values.contains(true), nulls: nulls)
  }

  /// No bounds are set if there is a NaN: engines that order NaN above all numbers would otherwise skip row groups that contain
  /// matching rows. −0 and +0 compare equal, so a bound of zero gets the sign that covers both.
  init<T: BinaryFloatingPoint>(_ values: UnsafeBufferPointer<T>, nulls: Int) {
    var low = T.infinity
    var high = -T.infinity
    var hasNaN = false
    for value in values {
      low = value < low ? value : low
      high = value > high ? value : high
      hasNaN = hasNaN || value != value
    }
    if values.isEmpty || hasNaN {
      self.init(nulls: nulls)
    } else {
      self.init(low == 0 ? -T.zero : low, high == 0 ? T.zero : high, nulls: nulls)
    }
  }

  init(_ values: StringSource, nulls: Int) {
    self.init(nulls: nulls)
    guard values.count > 0 else { return }
    var low = values[0]
    var high = values[0]
    for row in 1..<Swift.max(values.count, 1) {
      let value = values[row]
      if compareBytes(value, low) < 0 { low = value }
      if compareBytes(value, high) > 0 { high = value }
    }
    (min, isMinExact) = Self.lowerBound(low)
    (max, isMaxExact) = Self.upperBound(high)
  }

  /// The longest prefix that fits and contains only whole characters.
  private static func prefix(_ string: UnsafeRawBufferPointer) -> [UInt8] {
    var end = maxStringBytes
    while end > 0, string[end] & 0xc0 == 0x80 { end -= 1 }
    return Array(string[..<end])
  }

  private static func lowerBound(_ string: UnsafeRawBufferPointer) -> ([UInt8], Bool) {
    string.count <= maxStringBytes ? (Array(string), true) : (prefix(string), false)
  }

  /// Makes a truncated string larger than every string with that prefix: increments its last ASCII character and drops
  /// everything after it. Strings without such a character have no bound.
  private static func upperBound(_ string: UnsafeRawBufferPointer) -> ([UInt8]?, Bool) {
    if string.count <= maxStringBytes { return (Array(string), true) }
    var bytes = prefix(string)
    while let last = bytes.popLast() {
      if last < 0x7f {
        bytes.append(last + 1)
        return (bytes, false)
      }
    }
    return (nil, false)
  }
}
