import Columns

extension FixedValues {
  /// 10 to the power of `digits`, at most 38.
  static func powerOfTen(_ digits: Int) -> Int128 {
    var power: Int128 = 1
    for _ in 0..<digits { power *= 10 }
    return power
  }

  static func decimals(
    _ source: UnsafeRawPointer, _ count: Int, _ leaf: ParquetLeaf, _ precision: Int,
    _ target: UnsafeMutableRawPointer
  ) throws {
    let isShort = leaf.storage == .int64
    switch leaf.physical {
    case .int32 where isShort: widen(source, count, Int32.self, Int64.self, target)
    case .int32: widen(source, count, Int32.self, Int128.self, target)
    case .int64 where isShort: target.copyMemory(from: source, byteCount: count * 8)
    case .int64: widen(source, count, Int64.self, Int128.self, target)
    default:
      for index in 0..<count {
        let value = try bigEndian(source + index &* leaf.typeLength, leaf.typeLength, precision)
        store(value, at: index, isShort, target)
      }
      return
    }
    try check(count, precision, isShort, target)
  }

  @inline(__always)
  private static func widen<S: FixedWidthInteger & BitwiseCopyable, T: FixedWidthInteger>(
    _ source: UnsafeRawPointer, _ count: Int, _ from: S.Type, _ to: T.Type, _ target: UnsafeMutableRawPointer
  ) {
    let target = target.assumingMemoryBound(to: T.self)
    for index in 0..<count {
      target[index] = T(source.loadUnaligned(fromByteOffset: index &* MemoryLayout<S>.size, as: S.self))
    }
  }

  private static func check(
    _ count: Int, _ precision: Int, _ isShort: Bool, _ target: UnsafeMutableRawPointer
  ) throws {
    let limit = powerOfTen(precision) - 1
    if isShort {
      let values = UnsafeBufferPointer(start: target.assumingMemoryBound(to: Int64.self), count: count)
      let limit = Int64(limit)
      try check(values, in: -limit...limit, "decimals of \(precision) digits")
    } else {
      let values = UnsafeBufferPointer(start: target.assumingMemoryBound(to: Int128.self), count: count)
      try check(values, in: -limit...limit, "decimals of \(precision) digits")
    }
  }

  @inline(__always)
  static func store(_ value: Int128, at index: Int, _ isShort: Bool, _ target: UnsafeMutableRawPointer) {
    if isShort {
      target.storeBytes(of: Int64(truncatingIfNeeded: value), toByteOffset: index &* 8, as: Int64.self)
    } else {
      target.storeBytes(of: value, toByteOffset: index &* 16, as: Int128.self)
    }
  }

  /// Reads a big-endian two's complement integer of any length.
  static func bigEndian(_ bytes: UnsafeRawPointer, _ count: Int, _ precision: Int) throws -> Int128 {
    var value: Int128
    if count == 16 {
      let high = UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
      let low = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
      value = Int128(Int64(bitPattern: high)) << 64 | Int128(low)
    } else {
      let bytes = UnsafeRawBufferPointer(start: bytes, count: count)
      value = bytes.first.map { $0 < 0x80 ? 0 : -1 } ?? 0
      // Longer integers begin with copies of the sign.
      let sign: UInt8 = value < 0 ? 0xff : 0
      guard
        count <= 16
          || (bytes.prefix(count - 16).allSatisfy { $0 == sign } && (bytes[count - 16] ^ sign) < 0x80)
      else { throw ParquetFault.corrupt("a decimal of \(count) bytes is over the range of 128 bits") }
      for byte in bytes.suffix(16) { value = value << 8 | Int128(byte) }
    }
    let limit = powersOfTen[precision]
    guard -limit < value, value < limit else {
      throw ParquetFault.corrupt("\(value) is outside the range of decimals of \(precision) digits")
    }
    return value
  }

  private static let powersOfTen: [Int128] = (0...38).map { powerOfTen($0) }

  static func wideDecimals(
    _ source: UnsafeRawPointer, _ count: Int, _ leaf: ParquetLeaf, _ scale: Int,
    _ target: UnsafeMutableRawPointer
  ) {
    let target = target.assumingMemoryBound(to: Double.self)
    var divisor = 1.0
    for _ in 0..<scale { divisor *= 10 }
    for index in 0..<count {
      switch leaf.physical {
      case .int32:
        target[index] = Double(source.loadUnaligned(fromByteOffset: index * 4, as: Int32.self)) / divisor
      case .int64:
        target[index] = Double(source.loadUnaligned(fromByteOffset: index * 8, as: Int64.self)) / divisor
      default: target[index] = wide(source + index * leaf.typeLength, leaf.typeLength) / divisor
      }
    }
  }

  /// Reads a big-endian two's complement integer of any length, rounded.
  static func wide(_ bytes: UnsafeRawPointer, _ count: Int) -> Double {
    let bytes = UnsafeRawBufferPointer(start: bytes, count: count)
    guard let first = bytes.first else { return 0 }
    if count <= 16 {
      var value: Int128 = first < 0x80 ? 0 : -1
      for byte in bytes { value = value << 8 | Int128(byte) }
      return Double(value)
    }
    var value = Double(Int8(bitPattern: first))
    for byte in bytes.dropFirst() { value = value * 256 + Double(byte) }
    return value
  }
}
