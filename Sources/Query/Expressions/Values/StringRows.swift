import Columns

/// The strings of a vector by row, a constant's for each row. Valid only inside ``Arguments/withStrings(_:_:)``.
struct StringRows {
  private let bytes: UnsafeRawPointer?
  private let offsets: UnsafePointer<Int>
  /// 0 for a constant: all rows read string 0.
  private let mask: Int

  fileprivate init(_ bytes: UnsafeRawPointer?, _ offsets: UnsafePointer<Int>, isConstant: Bool) {
    self.bytes = bytes
    self.offsets = offsets
    mask = isConstant ? 0 : -1
  }

  @inline(__always)
  subscript(row: Int) -> UnsafeRawBufferPointer {
    let index = row & mask
    let start = offsets[index]
    return UnsafeRawBufferPointer(start: bytes.map { $0 + start }, count: offsets[index &+ 1] &- start)
  }

  /// For functions that work on Swift's strings.
  func text(_ row: Int) -> String { String(decoding: self[row], as: UTF8.self) }
}

extension Arguments {
  /// Scoped access to the strings of an argument.
  func withStrings<R>(_ index: Int, _ body: (StringRows) throws -> R) throws -> R {
    guard let strings = vectors[index].column.values.strings else { throw storageError(index) }
    return try strings.withRows(isConstant: vectors[index].isConstant, body)
  }

  func withStrings<R>(
    _ first: Int, _ second: Int, _ body: (StringRows, StringRows) throws -> R
  ) throws -> R {
    try withStrings(first) { a in try withStrings(second) { b in try body(a, b) } }
  }
}

extension StringColumn {
  func withRows<R>(isConstant: Bool = false, _ body: (StringRows) throws -> R) throws -> R {
    try bytes.withUnsafeBytes { bytes in
      try offsets.withUnsafeBufferPointer { offsets in
        guard let first = offsets.baseAddress else { throw QueryError("a column of strings without offsets") }
        return try body(StringRows(bytes.baseAddress, first, isConstant: isConstant))
      }
    }
  }
}
