import Glibc

/// A byte string prepared for lookup in a ``KeyTable``: its first and last bytes as two words, which settle most comparisons
/// without touching the rest.
///
/// `@inlinable` here and in the other tables: the event scan calls these functions for every event, and the compiler inlines
/// across targets only what is generic, tiny or marked. Without, the scan takes 8 % more instructions.
public struct ByteKey: BitwiseCopyable {
  @usableFromInline let start: UnsafeRawPointer?
  public let count: Int
  /// The first and last eight bytes; they overlap in shorter keys. Together with the length they determine a key of up to
  /// 16 bytes.
  @usableFromInline let low: UInt64
  @usableFromInline let high: UInt64

  /// Never reads outside the buffer.
  @inlinable @inline(__always)
  public init(_ key: UnsafeRawBufferPointer) {
    count = key.count
    start = key.baseAddress
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
      // First, middle and last byte cover up to three bytes.
      low = UInt64(start.load(as: UInt8.self))
      high =
        UInt64(start.load(fromByteOffset: count / 2, as: UInt8.self)) << 8
        | UInt64(start.load(fromByteOffset: count &- 1, as: UInt8.self))
    }
  }

  /// Mixes all bytes and the owner with 128-bit products, as wyhash does. The same on every machine: it decides the shuffle
  /// partition.
  @inlinable @inline(__always)
  public func hash(owner: UInt32 = 0) -> UInt64 {
    var hash = ByteKey.fold(low ^ 0x2d35_8dcc_aa6c_78a5, high ^ 0x8bb8_4b93_962e_acc9)
    if count > 16, let start {
      let middle = middle(of: start)
      hash ^=
        ByteKey.fold(middle.0 ^ 0x4b33_a62e_d433_d4a3, middle.1 ^ 0x4d5a_2da5_1de1_aa47)
        ^ ByteKey.fold(middle.2 ^ 0xa076_1d64_78bd_642f, middle.3 ^ 0xe703_7ed1_a0b4_28db)
      if count > ByteKey.sampledBytes { hash = ByteKey.long(start, count, hash) }
    }
    return ByteKey.fold(hash ^ UInt64(owner), UInt64(truncatingIfNeeded: count) ^ 0x9e37_79b9_7f4a_7c15)
  }

  /// Bytes covered by `low`, `high` and `middle`; longer keys are rare.
  @usableFromInline static var sampledBytes: Int { @inlinable get { 48 } }

  @usableFromInline typealias Middle = (UInt64, UInt64, UInt64, UInt64)

  /// The bytes between the first and last eight of a key of over 16 bytes: all of them up to 48 bytes, in words that may
  /// overlap. No branch depends on the length, which is different every time.
  @inlinable @inline(__always)
  func middle(of text: UnsafeRawPointer) -> Middle {
    (
      text.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
      text.loadUnaligned(fromByteOffset: min(16, count &- 8), as: UInt64.self),
      text.loadUnaligned(fromByteOffset: max(0, count &- 24), as: UInt64.self),
      text.loadUnaligned(fromByteOffset: count &- 16, as: UInt64.self)
    )
  }

  /// Mixes in the bytes that `middle` does not cover.
  @inline(never) @usableFromInline
  static func long(_ start: UnsafeRawPointer, _ count: Int, _ hash: UInt64) -> UInt64 {
    var hash = hash
    for offset in stride(from: 24, to: count &- 24, by: 8) {
      hash = fold(hash ^ start.loadUnaligned(fromByteOffset: offset, as: UInt64.self), 0x4b33_a62e_d433_d4a3)
    }
    return hash
  }

  /// Compares everything but the first and last eight bytes.
  /// - Parameter other: A key of the same length with the same first and last eight bytes.
  @inlinable @inline(__always)
  func hasMiddle(of other: UnsafeRawPointer) -> Bool {
    guard count > 16, let start else { return true }
    let own = middle(of: start)
    let others = middle(of: other)
    let difference =
      (own.0 ^ others.0) | (own.1 ^ others.1) | (own.2 ^ others.2) | (own.3 ^ others.3)
    guard count > ByteKey.sampledBytes else { return difference == 0 }
    return difference == 0 && memcmp(start, other, count) == 0
  }

  @inlinable @inline(__always)
  static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.high ^ product.low
  }
}
