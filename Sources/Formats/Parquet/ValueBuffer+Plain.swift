extension ValueBuffer {
  private static var endsEarly: ParquetFault { .corrupt("a page ends before its last value") }

  /// PLAIN encoding: values in their memory layout, booleans as bits, strings after their lengths.
  mutating func appendPlain(_ source: UnsafeRawBufferPointer, count: Int) throws {
    switch physical {
    case .boolean:
      guard BitPacking.bytes(count, width: 1) <= source.count else { throw Self.endsEarly }
      try checkRoom(for: count)
      bools.extend(by: count, false) { target in
        for index in 0..<count { target[index] = source[index &>> 3] &>> UInt8(index & 7) & 1 == 1 }
      }
    case .int32: try appendFixed(source, count, \.int32s, 0)
    case .int64: try appendFixed(source, count, \.int64s, 0)
    case .float: try appendFixed(source, count, \.floats, 0)
    case .double: try appendFixed(source, count, \.doubles, 0)
    case .int96: try appendInt96(source, count)
    case .byteArray: try appendStrings(source, count)
    case .fixedLenByteArray:
      let (size, overflow) = count.multipliedReportingOverflow(by: typeLength)
      guard !overflow, size <= source.count else { throw Self.endsEarly }
      try appendFixedStrings(.init(rebasing: source[..<size]), count)
    }
  }

  private mutating func appendFixed<T: BitwiseCopyable>(
    _ source: UnsafeRawBufferPointer, _ count: Int, _ values: WritableKeyPath<ValueBuffer, [T]>, _ zero: T
  ) throws {
    let size = count * MemoryLayout<T>.size
    guard size <= source.count else { throw Self.endsEarly }
    try checkRoom(for: count)
    self[keyPath: values].extend(by: count, zero) { target in
      UnsafeMutableRawBufferPointer(target).copyMemory(from: .init(rebasing: source[..<size]))
    }
  }

  /// INT96 timestamps as written by Spark and Impala: nanoseconds of the day, then the Julian day.
  private mutating func appendInt96(_ source: UnsafeRawBufferPointer, _ count: Int) throws {
    guard count * 12 <= source.count else { throw Self.endsEarly }
    try checkRoom(for: count)
    let epoch: Int64 = 2_440_588
    int64s.extend(by: count, 0) { target in
      for index in 0..<count {
        let nanoseconds = source.loadUnaligned(fromByteOffset: index * 12, as: Int64.self)
        let day = Int64(source.loadUnaligned(fromByteOffset: index * 12 + 8, as: Int32.self)) - epoch
        target[index] = day * 86_400_000 + floorDivide(nanoseconds, by: 1_000_000)
      }
    }
  }

  private mutating func appendStrings(_ source: UnsafeRawBufferPointer, _ count: Int) throws {
    // Each string takes at least four bytes.
    guard count <= source.count / 4 else { throw Self.endsEarly }
    try checkRoom(for: count, bytes: source.count - count * 4)
    let first = strings.count
    strings.bytes.reserveCapacity(growing: source.count - count * 4)
    var position = 0
    for _ in 0..<count {
      guard position + 4 <= source.count else { throw Self.endsEarly }
      let length = Int(source.loadUnaligned(fromByteOffset: position, as: UInt32.self))
      position += 4
      guard length <= source.count - position else { throw Self.endsEarly }
      strings.bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: source[position..<position + length]))
      strings.offsets.append(strings.bytes.count)
      position += length
    }
    try checkText(from: first)
  }

  /// Appends strings of `typeLength` bytes each, stored end to end; `source` contains exactly these strings.
  mutating func appendFixedStrings(_ source: UnsafeRawBufferPointer, _ count: Int) throws {
    try checkRoom(for: count, bytes: source.count)
    let first = strings.count
    let start = strings.bytes.count
    strings.bytes.append(contentsOf: source)
    strings.offsets.extend(by: count, 0) { target in
      for index in 0..<count { target[index] = start + (index + 1) * typeLength }
    }
    try checkText(from: first)
  }
}

/// Rounds toward minus infinity, so that times before 1970 map to the millisecond that contains them.
func floorDivide(_ value: Int64, by divisor: Int64) -> Int64 {
  let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
  return remainder < 0 ? quotient - 1 : quotient
}

extension Array {
  /// Like `reserveCapacity`, but at least doubles the capacity, so that repeated calls do not copy each time.
  mutating func reserveCapacity(growing more: Int) {
    if count + more > capacity { reserveCapacity(Swift.max(count + more, 2 * capacity)) }
  }
}
