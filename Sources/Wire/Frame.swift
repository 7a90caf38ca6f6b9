/// The unit of every connection, in memory and over TCP.
///
/// Layout, little-endian: payload length (u32), type (u8), protocol version (u8), reserved zero (u16), checksum (u64),
/// payload. The checksum is XXH3-64 of the payload, seeded with the first eight bytes of the header, so that a changed
/// header is found too.
package struct Frame: Hashable, Sendable {
  package static let version: UInt8 = 1
  package static let headerSize = 16

  /// What the payload is; the meaning of a number belongs to the protocol that runs over the connection.
  package let type: UInt8
  package let payload: [UInt8]

  package init(type: UInt8, payload: [UInt8]) {
    self.type = type
    self.payload = payload
  }

  /// The 16 bytes that go before the payload.
  package var header: [UInt8] {
    let head = UInt64(UInt32(payload.count)) | UInt64(type) << 32 | UInt64(Frame.version) << 40
    var writer = ByteWriter(reserving: Frame.headerSize)
    writer.integer(head)
    writer.integer(XXH3.hash(payload, seed: head))
    return writer.bytes
  }
}

/// Why a connection's bytes are not frames; the connection is dropped and counted.
package enum FrameError: Error, Hashable, Sendable, CustomStringConvertible {
  case wrongVersion(UInt8)
  case tooLong(Int, limit: Int)
  case reservedBits
  case checksum

  package var description: String {
    switch self {
    case .wrongVersion(let version): "frame version \(version), expected \(Frame.version)"
    case .tooLong(let length, let limit): "frame of \(length) bytes, the limit is \(limit)"
    case .reservedBits: "frame with reserved bits set"
    case .checksum: "frame checksum does not match its bytes"
    }
  }
}

/// Cuts a stream of bytes, in whatever chunks it comes, into frames. Memory grows only with bytes that arrived.
package struct FrameDecoder: Sendable {
  private var buffer: [UInt8] = []
  private var start = 0
  private let limit: Int

  /// - Parameter limit: The longest payload that is accepted, in bytes.
  package init(limit: Int = 256 << 20) { self.limit = limit }

  package mutating func append(_ bytes: UnsafeRawBufferPointer) {
    if start > 0, start == buffer.count || start > 1 << 20 {
      buffer.removeSubrange(0..<start)
      start = 0
    }
    buffer.append(contentsOf: bytes)
  }

  /// The next whole frame, or nil until more bytes come.
  package mutating func next() throws(FrameError) -> Frame? {
    let available = buffer.count - start
    guard available >= Frame.headerSize else { return nil }
    let (head, checksum) = buffer.withUnsafeBytes {
      (
        UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: start, as: UInt64.self)),
        UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: start + 8, as: UInt64.self))
      )
    }
    let length = Int(UInt32(truncatingIfNeeded: head))
    let version = UInt8(truncatingIfNeeded: head >> 40)
    guard version == Frame.version else { throw .wrongVersion(version) }
    guard head >> 48 == 0 else { throw .reservedBits }
    guard length <= limit else { throw .tooLong(length, limit: limit) }
    guard available >= Frame.headerSize + length else { return nil }
    let body = start + Frame.headerSize
    let payload = Array(buffer[body..<body + length])
    guard XXH3.hash(payload, seed: head) == checksum else { throw .checksum }
    start = body + length
    return Frame(type: UInt8(truncatingIfNeeded: head >> 32), payload: payload)
  }
}
