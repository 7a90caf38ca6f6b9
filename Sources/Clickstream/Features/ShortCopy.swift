/// Copies of a few bytes: in words that may overlap, where a call of memcpy would take longer than the copy.
enum ShortCopy {
  /// - Parameters:
  ///   - source: Bytes apart from those of the target.
  @inline(__always)
  static func copy(_ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, count: Int) {
    if count > 32 || count < 8 {
      target.copyMemory(from: source, byteCount: count)
      return
    }
    // Two words, or four: all that there is up to 32 bytes.
    word(source, target, 0)
    if count > 16 {
      word(source, target, 8)
      word(source, target, count &- 16)
    }
    word(source, target, count &- 8)
  }

  @inline(__always)
  private static func word(_ source: UnsafeRawPointer, _ target: UnsafeMutableRawPointer, _ offset: Int) {
    target.storeBytes(
      of: source.loadUnaligned(fromByteOffset: offset, as: UInt64.self), toByteOffset: offset, as: UInt64.self
    )
  }
}
