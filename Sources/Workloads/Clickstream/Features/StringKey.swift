/// A string as tables look it up: its ends in two words, which decide about most strings without a look at the rest.
package struct StringKey: BitwiseCopyable {
  let start: UnsafeRawPointer?
  let count: Int
  /// The first and the last eight bytes, which overlap in shorter strings. Together with the length, all there is of a string
  /// of at most 16 bytes.
  let low: UInt64
  let high: UInt64

  /// Reads nothing outside of the string.
  @inline(__always)
  package init(_ string: UnsafeRawBufferPointer) {
    count = string.count
    start = string.baseAddress
    guard let start, count > 0 else {
      low = 0
      high = 0
      return
    }
    if count >= 8 {
      low = start.loadUnaligned(as: UInt64.self)
      high = start.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
    } else if count >= 4 {
      low = UInt64(start.loadUnaligned(as: UInt32.self))
      high = UInt64(start.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self))
    } else {
      // The first, the middle and the last are all of three bytes or fewer.
      low = UInt64(start.load(as: UInt8.self))
      high =
        UInt64(start.load(fromByteOffset: count / 2, as: UInt8.self)) << 8
        | UInt64(start.load(fromByteOffset: count &- 1, as: UInt8.self))
    }
  }

  /// All of the bytes and the owner mixed by products of 128 bits, as wyhash does.
  @inline(__always)
  package func hash(owner: UInt32) -> UInt64 {
    var hash = StringKey.fold(low ^ 0x2d35_8dcc_aa6c_78a5, high ^ 0x8bb8_4b93_962e_acc9)
    if count > 16, let start {
      var at = 8
      while at < count &- 8 {
        let next = start.loadUnaligned(fromByteOffset: min(at, count &- 16), as: UInt64.self)
        let last = start.loadUnaligned(fromByteOffset: min(at &+ 8, count &- 8), as: UInt64.self)
        hash = StringKey.fold(hash ^ next, last ^ 0x4b33_a62e_d433_d4a3)
        at &+= 16
      }
    }
    return StringKey.fold(hash ^ UInt64(owner), UInt64(truncatingIfNeeded: count) ^ 0x9e37_79b9_7f4a_7c15)
  }

  @inline(__always)
  private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.high ^ product.low
  }
}
