import Basics

/// The unit of data on every connection, both in memory and over TCP.
///
/// Layout, little-endian: payload length (u32), type (u8), protocol version (u8), reserved zero (u16), checksum (u64), payload.
/// The checksum is XXH3-64 of the payload, seeded with the first eight bytes of the header, so that it also detects a changed
/// header.
package struct Frame: Hashable, Sendable {
  package static let version: UInt8 = 1
  package static let headerSize = 16

  /// What the payload contains. The protocol on the connection defines the meaning of each number.
  package let type: UInt8
  package let payload: [UInt8]

  package init(type: UInt8, payload: [UInt8]) {
    self.type = type
    self.payload = payload
  }

  /// The longest payload that peers accept unless told otherwise, in bytes.
  package static let maximumPayload = 256 << 20

  /// Size of the frame on the wire, in bytes.
  package var encodedSize: Int { Frame.headerSize + payload.count }

  /// Appends the 16-byte header that precedes the payload. The payload may have at most ``maximumPayload`` bytes.
  package func appendHeader(to bytes: inout [UInt8]) {
    let head = UInt64(UInt32(payload.count)) | UInt64(type) << 32 | UInt64(Frame.version) << 40
    withUnsafeBytes(of: head.littleEndian) { bytes.append(contentsOf: $0) }
    withUnsafeBytes(of: XXH3.hash(payload, seed: head).littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// The whole frame as sent over the wire.
  package var encoded: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(encodedSize)
    appendHeader(to: &bytes)
    bytes.append(contentsOf: payload)
    return bytes
  }
}

extension [Frame] {
  /// Total size of the frames on the wire, in bytes.
  package var encodedSize: Int { reduce(0) { $0 + $1.encodedSize } }
}

/// Why received bytes are not valid frames. The connection is dropped and counted.
package enum FrameError: Error, Hashable, Sendable, CustomStringConvertible {
  case wrongVersion(UInt8)
  case tooLong(Int, limit: Int)
  case reservedBits
  case checksum

  package var description: String {
    switch self {
    case .wrongVersion(let version): "frame version \(version), expected \(Frame.version)"
    case .tooLong(let length, let limit): "message of \(length) bytes, at most \(limit) are allowed"
    case .reservedBits: "frame with reserved bits set"
    case .checksum: "frame checksum does not match its bytes"
    }
  }
}
