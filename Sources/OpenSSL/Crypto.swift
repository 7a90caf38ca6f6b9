import CCrypto

/// The only user of OpenSSL's libcrypto: digests, message authentication codes, random bytes. TLS uses libssl and lives in
/// Transport.
package enum Crypto {
  /// Size of a proof and of a SHA-256 digest, in bytes.
  package static let proofSize = 32

  package static func hmacSHA256(key: [UInt8], _ message: [UInt8]) -> [UInt8]? {
    var proof = [UInt8](repeating: 0, count: proofSize)
    var length = UInt32(proofSize)
    let made = HMAC(EVP_sha256(), key, Int32(clamping: key.count), message, message.count, &proof, &length)
    return made != nil && length == proofSize ? proof : nil
  }

  package static func sha256(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? { digest(bytes, EVP_sha256()) }

  /// MD5, for protocols that require it. It gives no protection against an attacker.
  package static func md5(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? { digest(bytes, EVP_md5()) }

  private static func digest(_ bytes: UnsafeRawBufferPointer, _ kind: OpaquePointer?) -> [UInt8]? {
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var length = UInt32(0)
    guard EVP_Digest(bytes.baseAddress, bytes.count, &digest, &length, kind, nil) == 1 else { return nil }
    return Array(digest.prefix(Int(length)))
  }

  /// Compares in constant time, wherever the first difference is.
  package static func areEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    a.count == b.count && CRYPTO_memcmp(a, b, a.count) == 0
  }

  /// Cryptographically secure random bytes, or nil if the system has none.
  package static func randomBytes(_ count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    return RAND_bytes(&bytes, Int32(clamping: count)) == 1 ? bytes : nil
  }
}
