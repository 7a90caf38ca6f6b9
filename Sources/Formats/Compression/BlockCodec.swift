/// Why a block could not be compressed or decompressed. The caller knows the place and adds it.
package enum CodecError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The block would decompress to more than the `limit` bytes there is room for.
  case outputTooLarge(codec: String, limit: Int)
  /// The bytes are not what the codec writes.
  case corrupt(codec: String, message: String)
  /// The library could not get memory.
  case outOfMemory(codec: String)

  package var description: String {
    switch self {
    case .outputTooLarge(let codec, let limit): "\(codec) block holds more than the expected \(limit) bytes"
    case .corrupt(let codec, let message): "broken \(codec) block: \(message)"
    case .outOfMemory(let codec): "\(codec): out of memory"
    }
  }
}

/// A compression format for whole blocks in memory. An instance keeps the library's contexts between calls, so it is
/// used by one thread at a time.
package protocol BlockCodec {
  /// Room that `compress` needs at most for `count` bytes.
  func maxCompressedSize(of count: Int) -> Int

  /// - Returns: Bytes written to `target`, which must have the room that `maxCompressedSize` asks for.
  func compress(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer)
    throws(CodecError) -> Int

  /// - Returns: Bytes written to `target`.
  /// - Throws: `outputTooLarge` where the block holds more than `target` has room for, `corrupt` where it is broken.
  func decompress(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer)
    throws(CodecError) -> Int
}

extension BlockCodec {
  package func compress(_ bytes: [UInt8]) throws -> [UInt8] {
    try bytes.withUnsafeBytes { source in
      let capacity = maxCompressedSize(of: source.count)
      return try [UInt8](unsafeUninitializedCapacity: capacity) { target, initialized in
        initialized = try compress(source, into: UnsafeMutableRawBufferPointer(target))
      }
    }
  }

  /// Decompresses a block of unknown size, growing the room for it up to `limit` bytes.
  package func decompress(_ bytes: [UInt8], limit: Int) throws -> [UInt8] {
    var capacity = min(limit, max(4096, bytes.count.multipliedReportingOverflow(by: 4).partialValue))
    while true {
      do {
        return try bytes.withUnsafeBytes { source in
          try [UInt8](unsafeUninitializedCapacity: capacity) { target, initialized in
            // Only the first `capacity` bytes: the array may have been given more room than was asked for.
            let room = UnsafeMutableRawBufferPointer(
              rebasing: UnsafeMutableRawBufferPointer(target)[..<capacity])
            initialized = try decompress(source, into: room)
          }
        }
      } catch CodecError.outputTooLarge where capacity < limit {
        capacity = capacity > limit / 4 ? limit : capacity * 4
      }
    }
  }
}
