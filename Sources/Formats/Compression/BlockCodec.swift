/// Why a block could not be compressed or decompressed. The caller adds the location.
package enum CodecError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The decompressed block would exceed `limit`, the available room in bytes.
  case outputTooLarge(codec: String, limit: Int)
  /// The bytes are not valid for the codec.
  case corrupt(codec: String, message: String)
  /// The library could not allocate memory.
  case outOfMemory(codec: String)

  package var description: String {
    switch self {
    case .outputTooLarge(let codec, let limit): "\(codec) block holds more than the expected \(limit) bytes"
    case .corrupt(let codec, let message): "broken \(codec) block: \(message)"
    case .outOfMemory(let codec): "\(codec): out of memory"
    }
  }
}

/// A compression format for whole blocks in memory. An instance keeps the library's contexts between calls, so it must be used
/// by one thread at a time.
package protocol BlockCodec {
  /// The maximum compressed size of `count` bytes.
  func maxCompressedSize(of count: Int) -> Int

  /// - Returns: Number of bytes written to `target`, which must have at least `maxCompressedSize` bytes.
  func compress(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer)
    throws(CodecError) -> Int

  /// - Returns: Number of bytes written to `target`.
  /// - Throws: `outputTooLarge` if the block decompresses to more bytes than fit in `target`; `corrupt` if it is invalid.
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

  /// Decompresses a block of unknown size, growing the output buffer up to `limit` bytes.
  package func decompress(_ bytes: [UInt8], limit: Int) throws -> [UInt8] {
    var capacity = min(limit, max(4096, bytes.count.multipliedReportingOverflow(by: 4).partialValue))
    while true {
      do {
        return try bytes.withUnsafeBytes { source in
          try [UInt8](unsafeUninitializedCapacity: capacity) { target, initialized in
            // Only the first `capacity` bytes: the array may have more room than requested.
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
