import CXXHash

/// 64-bit XXH3: the checksum of frames and the hash of shuffle keys. The only caller of xxHash.
package enum XXH3 {
  @inlinable
  package static func hash(_ bytes: UnsafeRawBufferPointer, seed: UInt64 = 0) -> UInt64 {
    swiftlet_xxh3_64(bytes.baseAddress, bytes.count, seed)
  }

  package static func hash(_ bytes: [UInt8], seed: UInt64 = 0) -> UInt64 {
    bytes.withUnsafeBytes { hash($0, seed: seed) }
  }

  package static func hash(_ string: String, seed: UInt64 = 0) -> UInt64 {
    var string = string
    return string.withUTF8 { hash(UnsafeRawBufferPointer($0), seed: seed) }
  }
}
