import Columns

/// Values of one physical type as decoded from pages, without nulls. Only the array for the column's type is used; INT96
/// timestamps are stored as milliseconds in `int64s`.
struct ValueBuffer {
  let physical: ParquetPhysicalType
  /// Length in bytes of a FIXED_LEN_BYTE_ARRAY value.
  let typeLength: Int
  /// Whether byte strings must be UTF-8 text.
  let isText: Bool
  /// The maximum size of the values in bytes: repeated values take almost no space in a file.
  let limit: Int

  var bools: [Bool] = []
  var int32s: [Int32] = []
  var int64s: [Int64] = []
  var floats: [Float] = []
  var doubles: [Double] = []
  var strings = StringColumn()

  init(_ leaf: ParquetLeaf, limit: Int) {
    physical = leaf.physical
    typeLength = leaf.typeLength
    isText = leaf.conversion == .string
    self.limit = limit
  }

  var count: Int {
    switch physical {
    case .boolean: bools.count
    case .int32: int32s.count
    case .int64, .int96: int64s.count
    case .float: floats.count
    case .double: doubles.count
    case .byteArray, .fixedLenByteArray: strings.count
    }
  }

  /// Avoids growing step by step. A count claimed by a file is trusted only up to a million values.
  mutating func reserve(_ count: Int) {
    let count = min(count, 1 << 20)
    switch physical {
    case .boolean: bools.reserveCapacity(count)
    case .int32: int32s.reserveCapacity(count)
    case .int64, .int96: int64s.reserveCapacity(count)
    case .float: floats.reserveCapacity(count)
    case .double: doubles.reserveCapacity(count)
    case .byteArray, .fixedLenByteArray: strings.offsets.reserveCapacity(count + 1)
    }
  }

  /// Throws if `more` additional values, or strings of `bytes` bytes in total, would exceed the limit.
  func checkRoom(for more: Int, bytes: Int = 0) throws {
    let width =
      switch physical {
      case .boolean: 1
      case .int32, .float: 4
      case .int64, .int96, .double: 8
      case .byteArray, .fixedLenByteArray: MemoryLayout<Int>.size
      }
    let (values, over) = (count + more).multipliedReportingOverflow(by: width)
    let (total, overflow) = values.addingReportingOverflow(strings.bytes.count + bytes)
    guard !over, !overflow, total <= limit else {
      throw ParquetFault.unsupported("its values take over \(limit) bytes in memory")
    }
  }

  /// Checks that the strings from index `first` on are UTF-8.
  func checkText(from first: Int) throws {
    guard isText else { return }
    guard strings.isUTF8(from: first) else { throw ParquetFault.corrupt("it has a string that is not UTF-8") }
  }
}

extension Array where Element: BitwiseCopyable {
  /// Adds `count` elements that `body` must fill; they are initialized to `filler`.
  @inline(__always)
  mutating func extend(
    by count: Int, _ filler: Element, _ body: (UnsafeMutableBufferPointer<Element>) throws -> Void
  ) rethrows {
    let start = self.count
    append(contentsOf: repeatElement(filler, count: count))
    try withUnsafeMutableBufferPointer { try body(.init(rebasing: $0[start...])) }
  }
}
