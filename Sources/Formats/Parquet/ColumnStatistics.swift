/// The `Statistics` of a column chunk, with which readers leave out row groups.
struct ColumnStatistics {
  /// In PLAIN encoding, strings without their length. Nil where there is no value to tell of.
  private(set) var min: [UInt8]?
  private(set) var max: [UInt8]?
  /// False where the bound is a shortened string.
  private(set) var isMinExact = true
  private(set) var isMaxExact = true
  let nulls: Int

  /// Longer strings are cut: a bound need not be a value.
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

  /// None where there is a NaN: engines that order NaN over all numbers would otherwise leave out row groups that have
  /// what they look for. −0 and +0 count as equal, so a bound of zero takes the outer one.
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

  /// The whole characters of the first bytes.
  private static func prefix(_ string: UnsafeRawBufferPointer) -> [UInt8] {
    var end = maxStringBytes
    while end > 0, string[end] & 0xc0 == 0x80 { end -= 1 }
    return Array(string[..<end])
  }

  private static func lowerBound(_ string: UnsafeRawBufferPointer) -> ([UInt8], Bool) {
    string.count <= maxStringBytes ? (Array(string), true) : (prefix(string), false)
  }

  /// A cut string is made larger than all that begin so: its last ASCII character goes up by one, and what is behind it
  /// goes away. Strings without such a character have no bound.
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
