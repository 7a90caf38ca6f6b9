/// A block of memory that one owner at a time fills or reads: the thread that created it, then a request, then that thread again.
// Sendable: the thread that gives it to a request does not touch it until the request has ended.
final class ByteBlock: @unchecked Sendable {
  let bytes: UnsafeMutableRawBufferPointer
  /// Number of bytes in use, from the start.
  var count = 0

  init(capacity: Int) {
    bytes = .allocate(byteCount: max(1, capacity), alignment: 64)
  }

  convenience init(_ bytes: some Collection<UInt8>) {
    self.init(capacity: bytes.count)
    self.bytes.copyBytes(from: bytes)
    count = bytes.count
  }

  deinit { bytes.deallocate() }

  var capacity: Int { bytes.count }
  var filled: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[..<count]) }

  /// Copies as much of `source` as fits.
  /// - Returns: The number of bytes copied.
  func append(_ source: UnsafeRawBufferPointer) -> Int {
    let length = min(source.count, capacity - count)
    if length > 0 {
      UnsafeMutableRawBufferPointer(rebasing: bytes[count...])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[..<length]))
      count += length
    }
    return length
  }
}
