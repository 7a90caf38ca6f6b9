import CBzip2

/// Concatenated bzip2 streams, as written by pbzip2. The library verifies checksums.
final class Bzip2Decoder: StreamDecoder {
  /// libbz2 keeps a pointer back to its `bz_stream`, so the stream lives at a fixed address.
  private let stream: UnsafeMutablePointer<bz_stream>
  private var isOpen = false

  init() throws(CodecFailure) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: bz_stream())
  }

  deinit {
    if isOpen { BZ2_bzDecompressEnd(stream) }
    stream.deallocate()
  }

  var isBetweenFrames: Bool { !isOpen }

  func decode(
    _ input: inout UnsafeRawBufferPointer, _ output: inout UnsafeMutableRawBufferPointer
  ) throws(CodecFailure) {
    while !output.isEmpty, !input.isEmpty || isOpen {
      if !isOpen {
        stream.pointee = bz_stream()
        guard BZ2_bzDecompressInit(stream, 0, 0) == BZ_OK else {
          throw .memory("no memory for a bzip2 decoder")
        }
        isOpen = true
      }
      // The library uses 32-bit counters; the rest waits for the next iteration.
      let given = UInt32(clamping: input.count)
      let room = UInt32(clamping: output.count)
      stream.pointee.next_in = UnsafeMutablePointer(
        mutating: input.baseAddress?.assumingMemoryBound(to: CChar.self))
      stream.pointee.avail_in = given
      stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: CChar.self)
      stream.pointee.avail_out = room
      let result = BZ2_bzDecompress(stream)
      let taken = Int(given - stream.pointee.avail_in)
      let made = Int(room - stream.pointee.avail_out)
      input = UnsafeRawBufferPointer(rebasing: input[taken...])
      output = UnsafeMutableRawBufferPointer(rebasing: output[made...])
      switch result {
      case BZ_OK: if taken == 0, made == 0 { return }
      case BZ_STREAM_END:
        BZ2_bzDecompressEnd(stream)
        isOpen = false
      case BZ_MEM_ERROR: throw .memory("no memory for a bzip2 decoder")
      default: throw .corrupt("broken bzip2 stream (bzip2 error \(result))")
      }
    }
  }
}
