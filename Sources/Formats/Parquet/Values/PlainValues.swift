import Columns

/// The PLAIN values of a page, read in pieces of any size: values in their memory layout, booleans as bits, strings after
/// their lengths.
struct PlainValues {
  private let leaf: ParquetLeaf
  private let source: UnsafeRawBufferPointer
  /// In bytes; for booleans, in bits.
  private var position = 0

  /// - Parameter source: Must outlive the reader and be followed by ``ScratchMemory/slack`` readable bytes.
  init(_ leaf: ParquetLeaf, _ source: UnsafeRawBufferPointer) {
    self.leaf = leaf
    self.source = source
  }

  private static var endsEarly: ParquetFault { .corrupt("a page ends before its last value") }

  /// Reads values that are not strings.
  mutating func read(_ count: Int, into target: UnsafeMutableRawPointer) throws {
    if leaf.physical == .boolean { return try readBools(count, target.assumingMemoryBound(to: Bool.self)) }
    guard let width = FixedValues.width(leaf) else { return try readDecimals(count, target) }
    let (size, overflow) = count.multipliedReportingOverflow(by: width)
    guard !overflow, size <= source.count - position, let base = source.baseAddress else {
      throw Self.endsEarly
    }
    try FixedValues.convert(base + position, count, leaf, into: target)
    position += size
  }

  private mutating func readBools(_ count: Int, _ target: UnsafeMutablePointer<Bool>) throws {
    guard BitPacking.bytes(position + count, width: 1) <= source.count else { throw Self.endsEarly }
    for index in 0..<count {
      let bit = position &+ index
      target[index] = source[bit &>> 3] &>> UInt8(bit & 7) & 1 == 1
    }
    position += count
  }

  /// Decimals of any length, each after its length.
  private mutating func readDecimals(_ count: Int, _ target: UnsafeMutableRawPointer) throws {
    for index in 0..<count {
      let bytes = try next()
      switch leaf.conversion {
      case .decimal(let precision, _):
        guard let base = bytes.baseAddress, bytes.count > 0 else {
          throw ParquetFault.corrupt("a decimal of no bytes")
        }
        let value = try FixedValues.bigEndian(base, bytes.count, precision)
        FixedValues.store(value, at: index, leaf.storage == .int64, target)
      case .wideDecimal(let scale):
        var divisor = 1.0
        for _ in 0..<scale { divisor *= 10 }
        let value = bytes.baseAddress.map { FixedValues.wide($0, bytes.count) / divisor } ?? 0
        target.storeBytes(of: value, toByteOffset: index &* 8, as: Double.self)
      default: throw ParquetFault.corrupt("type \(leaf.physical) does not go with its column")
      }
    }
  }

  private mutating func next() throws -> UnsafeRawBufferPointer {
    guard source.count - position >= 4 else { throw Self.endsEarly }
    let length = Int(source.loadUnaligned(fromByteOffset: position, as: UInt32.self))
    guard length <= source.count - position - 4 else { throw Self.endsEarly }
    defer { position += 4 + length }
    return .init(rebasing: source[position + 4..<position + 4 + length])
  }

  /// Appends strings to `strings`.
  /// - Parameter ends: Receives the end of each string.
  mutating func read(_ count: Int, into strings: inout StringBytes, ends: UnsafeMutablePointer<Int>) throws {
    guard leaf.physical == .byteArray else { return try readFixed(count, &strings, ends) }
    // The first pass finds the lengths, the second one copies.
    let start = position
    var end = strings.count
    var next = position
    for index in 0..<count {
      guard next &+ 4 <= source.count else { throw Self.endsEarly }
      let length = Int(source.loadUnaligned(fromByteOffset: next, as: UInt32.self))
      next &+= length &+ 4
      end &+= length
      ends[index] = end
    }
    guard next <= source.count, let base = source.baseAddress else { throw Self.endsEarly }
    position = next
    try strings.append(end - strings.count) { target in
      var from = base + start
      var to = target
      var last = end - (next - start - 4 * count)
      for index in 0..<count {
        let length = ends[index] &- last
        last = ends[index]
        StringBytes.copy(from + 4, to, length)
        from += length &+ 4
        to += length
      }
    }
  }

  private mutating func readFixed(
    _ count: Int, _ strings: inout StringBytes, _ ends: UnsafeMutablePointer<Int>
  ) throws {
    let (size, overflow) = count.multipliedReportingOverflow(by: leaf.typeLength)
    guard !overflow, size <= source.count - position, let base = source.baseAddress else {
      throw Self.endsEarly
    }
    let from = base + position
    let length = leaf.conversion == .uuid ? 36 : leaf.typeLength
    let start = strings.count
    for index in 0..<count { ends[index] = start + (index + 1) * length }
    let isUUID = leaf.conversion == .uuid
    try strings.append(count * length) { target in
      if isUUID {
        for index in 0..<count { Self.writeUUID(from + index * 16, target + index * 36) }
      } else {
        target.copyMemory(from: from, byteCount: size)
      }
    }
    position += size
  }

  private static func writeUUID(_ bytes: UnsafeRawPointer, _ text: UnsafeMutableRawPointer) {
    var position = 0
    func put(_ digit: UInt8) {
      text.storeBytes(of: digit < 10 ? 0x30 + digit : 0x57 + digit, toByteOffset: position, as: UInt8.self)
      position += 1
    }
    for index in 0..<16 {
      if index == 4 || index == 6 || index == 8 || index == 10 {
        text.storeBytes(of: 0x2d, toByteOffset: position, as: UInt8.self)
        position += 1
      }
      let byte = bytes.load(fromByteOffset: index, as: UInt8.self)
      put(byte >> 4)
      put(byte & 0xf)
    }
  }
}
