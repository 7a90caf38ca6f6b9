import Columns

extension ValueBuffer {
  private func refuse(_ encoding: ParquetEncoding) -> ParquetFault {
    .corrupt("encoding \(encoding) does not go with type \(physical)")
  }

  /// Appends `count` values of a data page. `source` is the page body after the levels.
  /// - Parameter indices: Scratch memory, kept between pages.
  mutating func append(
    _ source: UnsafeRawBufferPointer, count: Int, encoding: ParquetEncoding, dictionary: ValueBuffer?,
    indices: inout [UInt32]
  ) throws {
    if count == 0 { return }
    switch encoding {
    case .plain: try appendPlain(source, count: count)
    case .plainDictionary, .rleDictionary:
      guard let dictionary else { throw ParquetFault.corrupt("a page needs a dictionary, but there is none") }
      try appendEntries(of: dictionary, source, count, &indices)
    case .rle: try appendRunLengthBools(source, count, &indices)
    case .deltaBinaryPacked: try appendDeltas(source, count)
    case .deltaLengthByteArray:
      guard physical == .byteArray else { throw refuse(encoding) }
      var position = 0
      let lengths = try lengths(source, &position, count)
      try appendPieces(source, position, lengths, prefixes: nil)
    case .deltaByteArray:
      guard physical == .byteArray || physical == .fixedLenByteArray else { throw refuse(encoding) }
      var position = 0
      let prefixes = try lengths(source, &position, count)
      let suffixes = try lengths(source, &position, count)
      try appendPieces(source, position, suffixes, prefixes: prefixes)
    case .byteStreamSplit: try appendStreams(source, count)
    case .bitPacked: throw refuse(encoding)
    }
  }

  private mutating func appendRunLengthBools(
    _ source: UnsafeRawBufferPointer, _ count: Int, _ indices: inout [UInt32]
  ) throws {
    guard physical == .boolean else { throw refuse(.rle) }
    guard source.count >= 4 else { throw ParquetFault.corrupt("runs of booleans lack their length") }
    let length = Int(source.loadUnaligned(as: UInt32.self))
    guard length <= source.count - 4 else { throw ParquetFault.corrupt("runs of booleans end early") }
    try checkRoom(for: count)
    try withIndices(.init(rebasing: source[4..<4 + length]), width: 1, count, &indices) { bits in
      bools.extend(by: count, false) { target in
        for index in 0..<count { target[index] = bits[index] == 1 }
      }
    }
  }

  private func withIndices(
    _ source: UnsafeRawBufferPointer, width: Int, _ count: Int, _ indices: inout [UInt32],
    _ body: (UnsafeBufferPointer<UInt32>) throws -> Void
  ) throws {
    if indices.count < count { indices = [UInt32](repeating: 0, count: count) }
    try indices.withUnsafeMutableBufferPointer { all in
      let part = UnsafeMutableBufferPointer(rebasing: all[..<count])
      try RunLengthDecoder.decode(source, width: width, into: part)
      try body(UnsafeBufferPointer(part))
    }
  }

  private mutating func appendEntries(
    of dictionary: ValueBuffer, _ source: UnsafeRawBufferPointer, _ count: Int, _ indices: inout [UInt32]
  ) throws {
    guard physical != .boolean else { throw refuse(.rleDictionary) }
    guard let width = source.first else { throw ParquetFault.corrupt("a page of indices is empty") }
    try checkRoom(for: count)
    try withIndices(.init(rebasing: source[1...]), width: Int(width), count, &indices) { indices in
      var largest: UInt32 = 0
      for index in indices { largest = max(largest, index) }
      guard Int(largest) < dictionary.count else {
        throw ParquetFault.corrupt("index \(largest) into a dictionary of \(dictionary.count) values")
      }
      switch physical {
      case .int32: int32s.appendEntries(of: dictionary.int32s, indices, 0)
      case .int64, .int96: int64s.appendEntries(of: dictionary.int64s, indices, 0)
      case .float: floats.appendEntries(of: dictionary.floats, indices, 0)
      case .double: doubles.appendEntries(of: dictionary.doubles, indices, 0)
      case .byteArray, .fixedLenByteArray: try appendStrings(of: dictionary.strings, indices)
      case .boolean: break
      }
    }
  }

  private mutating func appendStrings(of dictionary: StringColumn, _ indices: UnsafeBufferPointer<UInt32>)
    throws
  {
    try dictionary.offsets.withUnsafeBufferPointer { offsets in
      // At most 2³² strings, each shorter than the dictionary page, which has fewer than 2³¹ bytes: no overflow.
      var size = 0
      for index in indices { size &+= offsets[Int(index) + 1] &- offsets[Int(index)] }
      try checkRoom(for: indices.count, bytes: size)
      var end = strings.bytes.count
      strings.bytes.extend(by: size, 0) { target in
        dictionary.bytes.withUnsafeBufferPointer { bytes in
          var position = 0
          for index in indices {
            let start = offsets[Int(index)]
            let length = offsets[Int(index) + 1] &- start
            if length > 0 {
              (target.baseAddress! + position).update(from: bytes.baseAddress! + start, count: length)
            }
            position &+= length
          }
        }
      }
      strings.offsets.extend(by: indices.count, 0) { target in
        for (position, index) in indices.enumerated() {
          end &+= offsets[Int(index) + 1] &- offsets[Int(index)]
          target[position] = end
        }
      }
    }
  }

  private mutating func appendDeltas(_ source: UnsafeRawBufferPointer, _ count: Int) throws {
    try checkRoom(for: count)
    var position = 0
    switch physical {
    case .int32: try int32s.extend(by: count, 0) { try DeltaDecoder.decode(source, &position, into: $0) }
    case .int64: try int64s.extend(by: count, 0) { try DeltaDecoder.decode(source, &position, into: $0) }
    default: throw refuse(.deltaBinaryPacked)
    }
  }

  private func lengths(_ source: UnsafeRawBufferPointer, _ position: inout Int, _ count: Int) throws
    -> [Int32]
  {
    try checkRoom(for: count)
    var lengths: [Int32] = []
    try lengths.extend(by: count, 0) { try DeltaDecoder.decode(source, &position, into: $0) }
    guard lengths.allSatisfy({ $0 >= 0 }) else { throw ParquetFault.corrupt("a string of negative length") }
    return lengths
  }

  /// Appends strings whose bytes are stored end to end from `position`. Each follows a prefix shared with the previous string.
  private mutating func appendPieces(
    _ source: UnsafeRawBufferPointer, _ position: Int, _ lengths: [Int32], prefixes: [Int32]?
  ) throws {
    var position = position
    let first = strings.count
    var previous = strings.bytes.count..<strings.bytes.count
    for index in lengths.indices {
      let length = Int(lengths[index])
      let prefix = prefixes.map { Int($0[index]) } ?? 0
      guard length <= source.count - position, prefix <= previous.count else {
        throw ParquetFault.corrupt("a string goes over the end of its page")
      }
      if physical == .fixedLenByteArray, prefix + length != typeLength {
        throw ParquetFault.corrupt("a value of \(prefix + length) bytes, expected \(typeLength)")
      }
      let start = strings.bytes.count
      if prefix > 0 {
        try checkRoom(for: 1, bytes: prefix + length)
        strings.bytes.reserveCapacity(growing: prefix + length)
        strings.bytes.append(contentsOf: strings.bytes[previous.lowerBound..<previous.lowerBound + prefix])
      }
      strings.bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: source[position..<position + length]))
      strings.offsets.append(strings.bytes.count)
      previous = start..<strings.bytes.count
      position += length
    }
    try checkRoom(for: 0)
    try checkText(from: first)
  }

  /// BYTE_STREAM_SPLIT: the first byte of every value, then the second byte of every value, and so on.
  private mutating func appendStreams(_ source: UnsafeRawBufferPointer, _ count: Int) throws {
    let width =
      switch physical {
      case .int32, .float: 4
      case .int64, .double: 8
      case .fixedLenByteArray: typeLength
      case .boolean, .int96, .byteArray: throw refuse(.byteStreamSplit)
      }
    let (size, overflow) = count.multipliedReportingOverflow(by: width)
    guard !overflow, source.count == size else {
      throw ParquetFault.corrupt("\(source.count) bytes for \(count) values of \(width) bytes")
    }
    // Reassemble the values first; they are then PLAIN-encoded.
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { target, initialized in
      for byte in 0..<width {
        for index in 0..<count { target[index &* width &+ byte] = source[byte &* count &+ index] }
      }
      initialized = size
    }
    try bytes.withUnsafeBytes { try appendPlain($0, count: count) }
  }
}

extension Array where Element: BitwiseCopyable {
  /// Appends `dictionary[index]` for each index. The caller has checked that all indices are in range.
  fileprivate mutating func appendEntries(
    of dictionary: [Element], _ indices: UnsafeBufferPointer<UInt32>, _ zero: Element
  ) {
    extend(by: indices.count, zero) { target in
      dictionary.withUnsafeBufferPointer { dictionary in
        for position in indices.indices { target[position] = dictionary[Int(indices[position])] }
      }
    }
  }
}
