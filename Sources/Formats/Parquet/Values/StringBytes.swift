import Columns

/// The bytes of the strings of a batch while they are read.
struct StringBytes {
  private(set) var bytes: [UInt8] = []
  /// The maximum size.
  private let limit: Int

  init(limit: Int) { self.limit = limit }

  var count: Int { bytes.count }

  /// Appends `count` bytes that `body` must write; it may also write up to ``ScratchMemory/slack`` bytes after them.
  mutating func append(_ count: Int, _ body: (UnsafeMutableRawPointer) -> Void) throws {
    guard count <= limit - bytes.count else {
      throw ParquetFault.unsupported("its values take over \(limit) bytes in memory")
    }
    let room = count + ScratchMemory.slack
    bytes.reserveCapacity(growing: room)
    bytes.append(addingCapacity: room) { span in
      span.withUnsafeMutableBufferPointer { buffer, written in
        if let base = buffer.baseAddress { body(UnsafeMutableRawPointer(base)) }
        written = count
      }
    }
  }

  /// Copies a string that is usually short, in words of 16 bytes. Reads and writes up to 16 bytes after it.
  @inline(__always)
  static func copy(_ source: UnsafeRawPointer, _ target: UnsafeMutableRawPointer, _ count: Int) {
    var offset = 0
    repeat {
      let word = source.loadUnaligned(fromByteOffset: offset, as: SIMD16<UInt8>.self)
      target.storeBytes(of: word, toByteOffset: offset, as: SIMD16<UInt8>.self)
      offset &+= 16
    } while offset < count
  }
}

extension Array {
  /// Like `reserveCapacity`, but at least doubles the capacity, so that repeated calls do not copy each time.
  mutating func reserveCapacity(growing more: Int) {
    if count + more > capacity { reserveCapacity(Swift.max(count + more, 2 * capacity)) }
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
