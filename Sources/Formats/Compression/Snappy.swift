import CSnappy

/// Snappy blocks: the raw format, without the framing of `.sz` files. The only file that calls libsnappy.
package struct Snappy: BlockCodec {
  private static let name = "snappy"

  package init() {}

  package func maxCompressedSize(of count: Int) -> Int { snappy_max_compressed_length(count) }

  package func compress(
    _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) throws(CodecError) -> Int {
    var written = target.count
    let status = snappy_compress(
      source.baseAddress?.assumingMemoryBound(to: CChar.self), source.count,
      target.baseAddress?.assumingMemoryBound(to: CChar.self), &written)
    guard status == SNAPPY_OK else { throw .outputTooLarge(codec: Self.name, limit: target.count) }
    return written
  }

  package func decompress(
    _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) throws(CodecError) -> Int {
    let bytes = source.baseAddress?.assumingMemoryBound(to: CChar.self)
    var size = 0
    guard source.count > 0, snappy_uncompressed_length(bytes, source.count, &size) == SNAPPY_OK else {
      throw .corrupt(codec: Self.name, message: "no length at its start")
    }
    guard size <= target.count else { throw .outputTooLarge(codec: Self.name, limit: target.count) }
    var written = target.count
    let status = snappy_uncompress(
      bytes, source.count, target.baseAddress?.assumingMemoryBound(to: CChar.self), &written)
    guard status == SNAPPY_OK else { throw .corrupt(codec: Self.name, message: "invalid data") }
    return written
  }
}
