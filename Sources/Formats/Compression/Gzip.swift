import CZlib

/// One or more concatenated gzip members (RFC 1952). Also reads zlib streams (RFC 1950), because old Parquet writers label them
/// gzip. The only file that calls zlib for whole blocks.
package final class Gzip: BlockCodec {
  private static let name = "gzip"
  /// zlib keeps a pointer back to its `z_stream`, so the streams live at fixed addresses.
  private let deflater: UnsafeMutablePointer<z_stream>
  private let inflater: UnsafeMutablePointer<z_stream>
  private var deflating = false
  private var inflating = false
  private let level: Int32

  /// - Parameter level: 1 (fastest) to 9.
  package init(level: Int = 6) {
    self.level = Int32(min(max(level, 1), 9))
    deflater = .allocate(capacity: 1)
    deflater.initialize(to: z_stream())
    inflater = .allocate(capacity: 1)
    inflater.initialize(to: z_stream())
  }

  deinit {
    if deflating { deflateEnd(deflater) }
    if inflating { inflateEnd(inflater) }
    deflater.deallocate()
    inflater.deallocate()
  }

  package func maxCompressedSize(of count: Int) -> Int {
    // Stored blocks of at least 8 KiB, each with a 5-byte header, plus room for the header and trailer of the member.
    count + count / 1024 + 64
  }

  package func compress(
    _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) throws(CodecError) -> Int {
    if !deflating {
      let status = deflateInit2_(
        deflater, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
        Int32(MemoryLayout<z_stream>.size))
      guard status == Z_OK else { throw .outOfMemory(codec: Self.name) }
      deflating = true
    }
    deflateReset(deflater)
    var progress = Progress(source, target)
    while true {
      progress.give(to: deflater)
      let flush = progress.isLastInput ? Z_FINISH : Z_NO_FLUSH
      let status = deflate(deflater, flush)
      progress.take(from: deflater)
      if status == Z_STREAM_END { return progress.written }
      guard status == Z_OK, progress.room > 0 else {
        throw .outputTooLarge(codec: Self.name, limit: target.count)
      }
    }
  }

  package func decompress(
    _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) throws(CodecError) -> Int {
    if !inflating {
      // 15 + 32: the largest window; the library detects whether the header is gzip or zlib.
      let status = inflateInit2_(inflater, 15 + 32, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
      guard status == Z_OK else { throw .outOfMemory(codec: Self.name) }
      inflating = true
    }
    inflateReset(inflater)
    var progress = Progress(source, target)
    while true {
      progress.give(to: inflater)
      let status = inflate(inflater, Z_NO_FLUSH)
      progress.take(from: inflater)
      switch status {
      case Z_STREAM_END:
        if progress.rest == 0 { return progress.written }
        inflateReset(inflater)
      case Z_OK:
        break
      case Z_BUF_ERROR where progress.room == 0:
        throw .outputTooLarge(codec: Self.name, limit: target.count)
      case Z_BUF_ERROR:
        throw .corrupt(codec: Self.name, message: "ends in the middle")
      case Z_MEM_ERROR:
        throw .outOfMemory(codec: Self.name)
      default:
        let message = inflater.pointee.msg.map { String(cString: $0) }
        throw .corrupt(codec: Self.name, message: message ?? "zlib error \(status)")
      }
    }
  }

  /// Passes a source and a target to zlib in pieces that fit its 32-bit counters.
  private struct Progress {
    private let source: UnsafeRawBufferPointer
    private let target: UnsafeMutableRawBufferPointer
    private var consumed = 0
    private(set) var written = 0
    private var given = 0
    private var offered = 0

    init(_ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer) {
      self.source = source
      self.target = target
    }

    var rest: Int { source.count - consumed }
    var room: Int { target.count - written }
    var isLastInput: Bool { given == rest }

    mutating func give(to stream: UnsafeMutablePointer<z_stream>) {
      given = min(rest, 1 << 30)
      offered = min(room, 1 << 30)
      // zlib rejects null pointers even if it would not access a byte, so the stream's own address stands in for empty buffers.
      let input = source.baseAddress.map { UnsafeMutableRawPointer(mutating: $0 + consumed) }
      let output = target.baseAddress.map { $0 + written }
      let stand = UnsafeMutableRawPointer(stream)
      stream.pointee.next_in = (input ?? stand).assumingMemoryBound(to: Bytef.self)
      stream.pointee.avail_in = uInt(given)
      stream.pointee.next_out = (output ?? stand).assumingMemoryBound(to: Bytef.self)
      stream.pointee.avail_out = uInt(offered)
    }

    mutating func take(from stream: UnsafeMutablePointer<z_stream>) {
      consumed += given - Int(stream.pointee.avail_in)
      written += offered - Int(stream.pointee.avail_out)
    }
  }
}

/// The CRC-32 used by gzip, zlib and Parquet pages.
package func crc32(of bytes: UnsafeRawBufferPointer) -> UInt32 {
  UInt32(truncatingIfNeeded: crc32_z(0, bytes.baseAddress?.assumingMemoryBound(to: Bytef.self), bytes.count))
}
