import Columns

/// The entries of a chunk's dictionary page, converted to the storage of the column once.
final class ParquetDictionary {
  let count: Int
  /// Strings too; see ``entries``.
  private let values: ColumnValues
  /// The bytes of the strings, with room to read after them.
  private let bytes = ScratchMemory()
  private let base: UnsafeRawPointer?

  init(_ values: ColumnValues) {
    self.values = values
    count = values.count
    if case .bytes(let strings) = values {
      let copy = bytes.bytes(strings.bytes.count)
      copy.copyBytes(from: strings.bytes)
      base = copy.baseAddress.map { UnsafeRawPointer($0) }
    } else {
      base = nil
    }
  }

  /// The entries of a column of strings.
  var entries: StringColumn? { if case .bytes(let strings) = values { strings } else { nil } }

  /// - Throws: `ParquetFault.corrupt` for an index that is not in the dictionary.
  func check(_ indices: UnsafePointer<UInt32>, _ number: Int) throws {
    var largest: UInt32 = 0
    for index in 0..<number { largest = max(largest, indices[index]) }
    guard number == 0 || Int(largest) < count else {
      throw ParquetFault.corrupt("index \(largest) into a dictionary of \(count) values")
    }
  }

  /// Copies entries that are not strings. The indices have been checked.
  func gather(_ indices: UnsafePointer<UInt32>, _ number: Int, into target: UnsafeMutableRawPointer) {
    func copy<T: BitwiseCopyable>(_ values: [T]) {
      let target = target.assumingMemoryBound(to: T.self)
      values.withUnsafeBufferPointer { values in
        for index in 0..<number { target[index] = values[Int(indices[index])] }
      }
    }
    switch values {
    case .bool(let values): copy(values)
    case .int32(let values): copy(values)
    case .int64(let values): copy(values)
    case .int128(let values): copy(values)
    case .float(let values): copy(values)
    case .double(let values): copy(values)
    case .interval(let values): copy(values)
    case .bytes, .dictionary, .list, .structure: break
    }
  }

  /// Appends entries that are strings. The indices have been checked.
  /// - Parameter ends: Receives the end of each string.
  func gather(
    _ indices: UnsafePointer<UInt32>, _ number: Int, into strings: inout StringBytes,
    ends: UnsafeMutablePointer<Int>
  ) throws {
    guard case .bytes(let entries) = values, let base else { return }
    try entries.offsets.withUnsafeBufferPointer { offsets in
      // At most 2³² strings, each shorter than the dictionary page, which has fewer than 2³¹ bytes: no overflow.
      var end = strings.count
      for index in 0..<number {
        let entry = Int(indices[index])
        end &+= offsets[entry &+ 1] &- offsets[entry]
        ends[index] = end
      }
      try strings.append(end - strings.count) { target in
        var to = target
        for index in 0..<number {
          let entry = Int(indices[index])
          let length = offsets[entry &+ 1] &- offsets[entry]
          StringBytes.copy(base + offsets[entry], to, length)
          to += length
        }
      }
    }
  }
}
