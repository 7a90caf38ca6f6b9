import Columns

/// Converts PLAIN values of fixed length to the storage of their column, without an allocation or a branch per value.
enum FixedValues {
  /// Bytes of a PLAIN value; nil for booleans (bits) and byte arrays (of any length).
  static func width(_ leaf: ParquetLeaf) -> Int? {
    switch leaf.physical {
    case .boolean, .byteArray: nil
    case .int32, .float: 4
    case .int64, .double: 8
    case .int96: 12
    case .fixedLenByteArray: leaf.typeLength
    }
  }

  /// - Parameters:
  ///   - source: `count` values of the leaf's width, at any alignment.
  ///   - target: Room for `count` values of the leaf's storage, which must not be bytes.
  static func convert(
    _ source: UnsafeRawPointer, _ count: Int, _ leaf: ParquetLeaf, into target: UnsafeMutableRawPointer
  ) throws {
    switch leaf.conversion {
    case .int32, .float, .date: target.copyMemory(from: source, byteCount: count * 4)
    case .int64, .double, .timestamp(.micros, _): target.copyMemory(from: source, byteCount: count * 8)
    case .int16:
      target.copyMemory(from: source, byteCount: count * 4)
      let values = UnsafeBufferPointer(start: target.assumingMemoryBound(to: Int32.self), count: count)
      try check(values, in: -32_768...32_767, "int16")
    case .uint32: map(source, count, 4, target) { Int64(load($0, UInt32.self)) }
    case .uint64: map(source, count, 8, target) { Int128(load($0, UInt64.self)) }
    case .timestamp(.nanos, _):
      map(source, count, 8, target) { floorDivide(load($0, Int64.self), by: 1000) }
    case .timestamp(.millis, _):
      try times(source, count, 8, target) { load($0, Int64.self).multipliedReportingOverflow(by: 1000) }
    case .int96: try times(source, count, 12, target, int96)
    case .decimal(let precision, _): try decimals(source, count, leaf, precision, target)
    case .wideDecimal(let scale): wideDecimals(source, count, leaf, scale, target)
    case .float16: map(source, count, 2, target) { halfFloat(load($0, UInt16.self)) }
    case .interval: try intervals(source, count, target)
    case .bool, .string, .json, .binary, .uuid:
      throw ParquetFault.corrupt("type \(leaf.physical) is not of a fixed length")
    }
  }

  @inline(__always)
  private static func load<T: BitwiseCopyable>(_ pointer: UnsafeRawPointer, _ type: T.Type) -> T {
    pointer.loadUnaligned(as: T.self)
  }

  @inline(__always)
  private static func map<T: BitwiseCopyable>(
    _ source: UnsafeRawPointer, _ count: Int, _ width: Int, _ target: UnsafeMutableRawPointer,
    _ value: (UnsafeRawPointer) -> T
  ) {
    let target = target.assumingMemoryBound(to: T.self)
    for index in 0..<count { target[index] = value(source + index &* width) }
  }

  @inline(__always)
  private static func times(
    _ source: UnsafeRawPointer, _ count: Int, _ width: Int, _ target: UnsafeMutableRawPointer,
    _ value: (UnsafeRawPointer) -> (partialValue: Int64, overflow: Bool)
  ) throws {
    let target = target.assumingMemoryBound(to: Int64.self)
    var overflows = false
    for index in 0..<count {
      let result = value(source + index &* width)
      target[index] = result.partialValue
      overflows = overflows || result.overflow
    }
    if overflows { throw ParquetFault.unsupported("a time is outside the range of 64-bit microseconds") }
  }

  @inline(__always)
  private static func int96(_ pointer: UnsafeRawPointer) -> (partialValue: Int64, overflow: Bool) {
    let day = Int64(load(pointer + 8, Int32.self)) &- 2_440_588
    let start = day.multipliedReportingOverflow(by: 86_400_000_000)
    let time = start.partialValue.addingReportingOverflow(floorDivide(load(pointer, Int64.self), by: 1000))
    return (time.partialValue, start.overflow || time.overflow)
  }

  private static func intervals(
    _ source: UnsafeRawPointer, _ count: Int, _ target: UnsafeMutableRawPointer
  ) throws {
    let target = target.assumingMemoryBound(to: Interval.self)
    for index in 0..<count {
      let pointer = source + index * 12
      guard let months = Int32(exactly: load(pointer, UInt32.self)),
        let days = Int32(exactly: load(pointer + 4, UInt32.self))
      else { throw ParquetFault.unsupported("an interval has over 2³¹ months or days") }
      let milliseconds = Int64(load(pointer + 8, UInt32.self))
      target[index] = Interval(months: months, days: days, microseconds: milliseconds * 1000)
    }
  }

  /// A value beyond its type would break what is computed from it, so none is let through.
  static func check<T: FixedWidthInteger>(
    _ values: UnsafeBufferPointer<T>, in range: ClosedRange<T>, _ type: @autoclosure () -> String
  ) throws {
    var low = range.lowerBound
    var high = range.upperBound
    for value in values {
      low = min(low, value)
      high = max(high, value)
    }
    guard range.lowerBound <= low, high <= range.upperBound else {
      throw ParquetFault.corrupt("\(low < range.lowerBound ? low : high) is outside the range of \(type())")
    }
  }

  private static func halfFloat(_ bits: UInt16) -> Float {
    let exponent = Int(bits >> 10 & 0x1f)
    let fraction = Float(bits & 0x3ff)
    let magnitude: Float =
      switch exponent {
      case 0: fraction * 0x1p-24
      case 31: fraction == 0 ? .infinity : .nan
      default: Float(sign: .plus, exponent: exponent - 25, significand: fraction + 1024)
      }
    return bits & 0x8000 == 0 ? magnitude : -magnitude
  }
}

/// Rounds toward minus infinity, so that times before 1970 map to the unit that contains them.
@inline(__always)
func floorDivide(_ value: Int64, by divisor: Int64) -> Int64 {
  let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
  return remainder < 0 ? quotient - 1 : quotient
}
