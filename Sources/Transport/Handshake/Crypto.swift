import CCrypto

/// What OpenSSL does for us; nothing else calls it.
package enum Crypto {
  /// Bytes in a proof.
  package static let proofSize = 32

  package static func hmacSHA256(key: [UInt8], _ message: [UInt8]) -> [UInt8]? {
    var proof = [UInt8](repeating: 0, count: proofSize)
    var length = UInt32(proofSize)
    let made = HMAC(EVP_sha256(), key, Int32(clamping: key.count), message, message.count, &proof, &length)
    return made != nil && length == proofSize ? proof : nil
  }

  /// Takes the same time wherever the difference is.
  package static func areEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    a.count == b.count && CRYPTO_memcmp(a, b, a.count) == 0
  }

  /// Bytes that nobody can foresee, nil when the system has none.
  package static func randomBytes(_ count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    return RAND_bytes(&bytes, Int32(clamping: count)) == 1 ? bytes : nil
  }
}
