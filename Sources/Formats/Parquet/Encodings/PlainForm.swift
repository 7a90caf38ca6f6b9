/// Rewrites the values of a page in a less usual encoding as PLAIN values, which can be read in pieces.
struct PlainForm {
  private let leaf: ParquetLeaf
  /// The maximum size of the result.
  private let limit: Int
  private let memory: ScratchMemory

  /// - Parameter memory: Holds the result; used until the next page.
  init(_ leaf: ParquetLeaf, limit: Int, _ memory: ScratchMemory) {
    self.leaf = leaf
    self.limit = limit
    self.memory = memory
  }

  /// - Parameter most: The number of values that the page has at most.
  func rewrite(_ source: UnsafeRawBufferPointer, _ encoding: ParquetEncoding, most: Int) throws
    -> UnsafeRawBufferPointer
  {
    switch (encoding, leaf.physical) {
    case (.deltaBinaryPacked, .int32): try deltas(source, most, Int32.self)
    case (.deltaBinaryPacked, .int64): try deltas(source, most, Int64.self)
    case (.deltaLengthByteArray, .byteArray): try strings(source, most, hasPrefixes: false)
    case (.deltaByteArray, .byteArray), (.deltaByteArray, .fixedLenByteArray):
      try strings(source, most, hasPrefixes: true)
    case (.byteStreamSplit, .int32), (.byteStreamSplit, .float): try streams(source, most, width: 4)
    case (.byteStreamSplit, .int64), (.byteStreamSplit, .double): try streams(source, most, width: 8)
    case (.byteStreamSplit, .fixedLenByteArray): try streams(source, most, width: leaf.typeLength)
    default: throw ParquetFault.corrupt("encoding \(encoding) does not go with type \(leaf.physical)")
    }
  }

  private func room(_ bytes: Int) throws -> UnsafeMutableRawBufferPointer {
    guard bytes <= limit else {
      throw ParquetFault.unsupported("its values take over \(limit) bytes in memory")
    }
    return memory.bytes(bytes)
  }

  private func deltas<T: FixedWidthInteger & SignedInteger & BitwiseCopyable>(
    _ source: UnsafeRawBufferPointer, _ most: Int, _ type: T.Type
  ) throws -> UnsafeRawBufferPointer {
    let count = try DeltaDecoder.count(source, most: most)
    let target = try room(count * MemoryLayout<T>.size)
    var position = 0
    try DeltaDecoder.decode(source, &position, into: target.bindMemory(to: T.self))
    return UnsafeRawBufferPointer(target)
  }

  private func lengths(_ source: UnsafeRawBufferPointer, _ position: inout Int, _ most: Int) throws -> [Int32]
  {
    let rest = UnsafeRawBufferPointer(rebasing: source[position...])
    let count = try DeltaDecoder.count(rest, most: most)
    guard count <= limit / 4 else {
      throw ParquetFault.unsupported("its values take over \(limit) bytes in memory")
    }
    var lengths = [Int32](repeating: 0, count: count)
    try lengths.withUnsafeMutableBufferPointer { try DeltaDecoder.decode(source, &position, into: $0) }
    guard lengths.allSatisfy({ $0 >= 0 }) else { throw ParquetFault.corrupt("a string of negative length") }
    return lengths
  }

  /// The strings are stored end to end after their lengths; each follows a prefix shared with the previous string.
  private func strings(_ source: UnsafeRawBufferPointer, _ most: Int, hasPrefixes: Bool) throws
    -> UnsafeRawBufferPointer
  {
    var position = 0
    let prefixes = hasPrefixes ? try lengths(source, &position, most) : nil
    let lengths = try lengths(source, &position, most)
    guard prefixes == nil || prefixes?.count == lengths.count else {
      throw ParquetFault.corrupt("\(lengths.count) strings with \(prefixes?.count ?? 0) prefixes")
    }
    let header = leaf.physical == .byteArray ? 4 : 0
    // At most 2³¹ strings of less than 2³² bytes each: no overflow.
    let size = lengths.reduce(0) { $0 + Int($1) + header } + (prefixes ?? []).reduce(0) { $0 + Int($1) }
    let target = try room(size)
    var filled = 0
    var previous = 0..<0
    for index in lengths.indices {
      let length = Int(lengths[index])
      let prefix = prefixes.map { Int($0[index]) } ?? 0
      guard length <= source.count - position, prefix <= previous.count else {
        throw ParquetFault.corrupt("a string goes over the end of its page")
      }
      if header == 0, prefix + length != leaf.typeLength {
        throw ParquetFault.corrupt("a value of \(prefix + length) bytes, expected \(leaf.typeLength)")
      }
      if header > 0 {
        target.storeBytes(
          of: UInt32(truncatingIfNeeded: prefix + length), toByteOffset: filled, as: UInt32.self)
      }
      let start = filled + header
      let shared = UnsafeRawBufferPointer(
        rebasing: target[previous.lowerBound..<previous.lowerBound + prefix])
      UnsafeMutableRawBufferPointer(rebasing: target[start..<start + prefix]).copyMemory(from: shared)
      UnsafeMutableRawBufferPointer(rebasing: target[start + prefix..<start + prefix + length])
        .copyMemory(from: .init(rebasing: source[position..<position + length]))
      previous = start..<start + prefix + length
      position += length
      filled = previous.upperBound
    }
    return UnsafeRawBufferPointer(target)
  }

  /// BYTE_STREAM_SPLIT: the first byte of every value, then the second byte of every value, and so on.
  private func streams(_ source: UnsafeRawBufferPointer, _ most: Int, width: Int) throws
    -> UnsafeRawBufferPointer
  {
    let count = source.count / width
    guard count * width == source.count, count <= most else {
      throw ParquetFault.corrupt("\(source.count) bytes for at most \(most) values of \(width) bytes")
    }
    let target = try room(source.count)
    for byte in 0..<width {
      for index in 0..<count { target[index &* width &+ byte] = source[byte &* count &+ index] }
    }
    return UnsafeRawBufferPointer(target)
  }
}
