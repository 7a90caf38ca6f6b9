/// Copies a few bytes as words that may overlap: a call to memcpy would take longer than the copy itself.
public enum ShortCopy {
  /// - Parameter source: Must not overlap the target.
  @inlinable @inline(__always)
  public static func copy(_ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, count: Int) {
    if count > 32 || count < 8 {
      target.copyMemory(from: source, byteCount: count)
      return
    }
    // Two words cover up to 16 bytes, four up to 32.
    word(source, target, 0)
    if count > 16 {
      word(source, target, 8)
      word(source, target, count &- 16)
    }
    word(source, target, count &- 8)
  }

  @inlinable @inline(__always)
  static func word(_ source: UnsafeRawPointer, _ target: UnsafeMutableRawPointer, _ offset: Int) {
    target.storeBytes(
      of: source.loadUnaligned(fromByteOffset: offset, as: UInt64.self), toByteOffset: offset, as: UInt64.self
    )
  }
}
