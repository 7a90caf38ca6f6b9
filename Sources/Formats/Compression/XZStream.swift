import CLzma

/// Concatenated xz streams with optional padding between them. The library verifies integrity checks.
final class XZDecoder: StreamDecoder {
  /// `xz -9` needs 65 MiB to decompress.
  private static let memoryLimit: UInt64 = 256 << 20

  private let stream: UnsafeMutablePointer<lzma_stream>
  private var isOpen = false
  /// Number of zero bytes since the last stream. A stream may be followed by a multiple of four.
  private var padding = 0
  private var isFirst = true

  init() throws(CodecFailure) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: lzma_stream())
  }

  deinit {
    lzma_end(stream)
    stream.deallocate()
  }

  var isBetweenFrames: Bool { !isOpen && padding % 4 == 0 }

  func decode(
    _ input: inout UnsafeRawBufferPointer, _ output: inout UnsafeMutableRawBufferPointer
  ) throws(CodecFailure) {
    while !output.isEmpty, !input.isEmpty || isOpen {
      if !isOpen {
        skipPadding(&input)
        if input.isEmpty { return }
        try open()
      }
      stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_in = input.count
      stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_out = output.count
      let before = (input.count, output.count)
      let result = lzma_code(stream, LZMA_RUN)
      input = UnsafeRawBufferPointer(rebasing: input[(before.0 - stream.pointee.avail_in)...])
      output = UnsafeMutableRawBufferPointer(rebasing: output[(before.1 - stream.pointee.avail_out)...])
      switch result {
      case LZMA_OK: if (input.count, output.count) == before { return }
      case LZMA_BUF_ERROR: return
      case LZMA_STREAM_END: isOpen = false
      case LZMA_MEM_ERROR: throw .memory("no memory for an xz decoder")
      case LZMA_MEMLIMIT_ERROR:
        throw .memory(
          "an xz stream needs over \(XZDecoder.memoryLimit >> 20) MiB; compress it with a lower level")
      case LZMA_OPTIONS_ERROR: throw .unsupported("an xz stream with filters that liblzma does not know")
      default: throw .corrupt("broken xz stream (liblzma error \(result.rawValue))")
      }
    }
  }

  private func skipPadding(_ input: inout UnsafeRawBufferPointer) {
    guard !isFirst else { return }
    let zeros = input.prefix { $0 == 0 }.count
    padding += zeros
    input = UnsafeRawBufferPointer(rebasing: input[zeros...])
  }

  private func open() throws(CodecFailure) {
    guard padding % 4 == 0 else {
      throw .corrupt("\(padding) zero bytes between xz streams, expected a multiple of 4")
    }
    padding = 0
    isFirst = false
    guard lzma_stream_decoder(stream, XZDecoder.memoryLimit, 0) == LZMA_OK else {
      throw .memory("no memory for an xz decoder")
    }
    isOpen = true
  }
}
