import Glibc

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
      let middle = middle(of: start)
      hash ^=
        StringKey.fold(middle.0 ^ 0x4b33_a62e_d433_d4a3, middle.1 ^ 0x4d5a_2da5_1de1_aa47)
        ^ StringKey.fold(middle.2 ^ 0xa076_1d64_78bd_642f, middle.3 ^ 0xe703_7ed1_a0b4_28db)
      if count > StringKey.shortest { hash = StringKey.long(start, count, hash) }
    }
    return StringKey.fold(hash ^ UInt64(owner), UInt64(truncatingIfNeeded: count) ^ 0x9e37_79b9_7f4a_7c15)
  }

  /// Bytes that the ends and the middle hold; what is longer is rare.
  private static let shortest = 48

  private typealias Middle = (UInt64, UInt64, UInt64, UInt64)

  /// Of a string over 16 bytes, what is between the first and the last eight: all of it up to 48 bytes, in words that may overlap.
  /// So that no branch depends on the length, which is different every time.
  @inline(__always)
  private func middle(of text: UnsafeRawPointer) -> Middle {
    (
      text.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
      text.loadUnaligned(fromByteOffset: min(16, count &- 8), as: UInt64.self),
      text.loadUnaligned(fromByteOffset: max(0, count &- 24), as: UInt64.self),
      text.loadUnaligned(fromByteOffset: count &- 16, as: UInt64.self)
    )
  }

  /// Mixes in what is behind the words of `middle`.
  @inline(never)
  private static func long(_ start: UnsafeRawPointer, _ count: Int, _ hash: UInt64) -> UInt64 {
    var hash = hash
    for at in stride(from: 24, to: count &- 24, by: 8) {
      hash = fold(hash ^ start.loadUnaligned(fromByteOffset: at, as: UInt64.self), 0x4b33_a62e_d433_d4a3)
    }
    return hash
  }

  /// Whether the string has the bytes at `other`, as long as it and with the same ends.
  @inline(__always)
  func hasMiddle(of other: UnsafeRawPointer) -> Bool {
    guard count > 16, let start else { return true }
    let own = middle(of: start)
    let others = middle(of: other)
    let difference =
      (own.0 ^ others.0) | (own.1 ^ others.1) | (own.2 ^ others.2) | (own.3 ^ others.3)
    guard count > StringKey.shortest else { return difference == 0 }
    return difference == 0 && memcmp(start, other, count) == 0
  }

  @inline(__always)
  private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.high ^ product.low
  }
}
