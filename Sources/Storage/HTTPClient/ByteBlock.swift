/// A piece of memory that one owner at a time fills or reads: the thread that made it, then a request, then that thread again.
// Sendable: whoever hands it to a request does not touch it before the request has ended.
final class ByteBlock: @unchecked Sendable {
  let bytes: UnsafeMutableRawBufferPointer
  /// Bytes at the front that mean something.
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

  /// Takes as much of `source` as there is room for.
  /// - Returns: How much that was.
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
