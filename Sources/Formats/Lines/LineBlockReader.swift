import CLinux
import Glibc
import Storage

/// Consecutive whole lines. Valid until the next call of ``LineBlockReader/next()``.
package struct LineBlock {
  /// The lines, each with its `
  /// ` (and `\r`, if any); only the last line of an object may lack it. At least ``LineBlockReader/padding`` readable bytes
  /// follow.
  package let bytes: UnsafeRawBufferPointer
  /// Offset of the first byte in the uncompressed object.
  package let offset: Int64

  /// Calls `body` with each non-blank line, without its line terminator, and the offset of its first byte.
  package func forEachLine(_ body: (UnsafeRawBufferPointer, Int64) throws -> Void) rethrows {
    var start = 0
    while start < bytes.count, let base = bytes.baseAddress {
      let newline = memchr(base + start, 0x0a, bytes.count - start).map { UnsafeRawPointer($0) - base }
      var end = newline ?? bytes.count
      if end > start, bytes[end - 1] == 0x0d { end -= 1 }
      let line = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
      if line.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0d }) {
        try body(line, offset + Int64(start))
      }
      start = newline.map { $0 + 1 } ?? bytes.count
    }
  }
}

/// Reads the lines of a split in blocks. A line belongs to the split that contains its first byte. A split that does not start
/// at the beginning of the object therefore starts after the first `
/// ` at or after the byte preceding the split, and reads past its end to complete its last line. So the splits of an object
/// yield each line exactly once, wherever the object is cut. A UTF-8 byte order mark at the start of the text is skipped.
///
/// Calls may block. Must be used by one thread at a time. The memory of the blocks is reused.
package final class LineBlockReader {
  /// Number of bytes that may be read past a block, as SIMD parsers need; their values are undefined.
  package static let padding = 64

  private static let cacheLine = 64

  /// How many bytes are read at a time to find the end of the last line.
  private static let tailBytes = 64 << 10

  private let uri: String
  private let source: any ByteSource
  /// Lines whose first byte is at or after this offset belong to another split.
  private let end: Int64
  private let blockBytes: Int
  private let maxLineBytes: Int

  private var memory: UnsafeMutableRawBufferPointer
  /// The part of `memory` that starts where the position in the cache line equals that of the object's next byte in its own
  /// cache line: the kernel copies a sixth faster between equally aligned addresses.
  private var buffer: UnsafeMutableRawBufferPointer
  /// The bytes read but not yet returned are `buffer[head..<filled]`.
  private var head = 0
  private var filled = 0
  /// Offset of `buffer[head]` in the uncompressed object.
  private var offset: Int64
  private var state: State

  private enum State { case beforeFirstLine, reading, ended }

  private static let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]

  /// - Parameters:
  ///   - blockBytes: The usual size of a block in bytes. Longer lines get larger blocks.
  ///   - maxLineBytes: A longer line is an error.
  /// - Throws: `StorageError.corrupt` if the object does not contain lines.
  package convenience init(
    split: InputSplit, store: any ObjectStore, blockBytes: Int = 1 << 18, maxLineBytes: Int = 256 << 20
  ) throws {
    try self.init(
      split: split, reader: try store.open(split.object), blockBytes: blockBytes, maxLineBytes: maxLineBytes)
  }

  /// - Parameter reader: A reader of the split's object.
  package init(
    split: InputSplit, reader: any ObjectReader, blockBytes: Int = 1 << 18, maxLineBytes: Int = 256 << 20
  ) throws {
    let size = split.object.size
    guard split.start >= 0, split.start <= split.end, split.end <= size else {
      throw StorageError.invalid(
        location: split.object.uri, message: "split \(split.start)..<\(split.end) of \(size) bytes")
    }
    uri = split.object.uri
    self.blockBytes = max(1, blockBytes)
    self.maxLineBytes = max(1, maxLineBytes)
    memory = LineBlockReader.allocate(max(self.blockBytes, ContentKind.headBytes))
    buffer = memory
    offset = max(0, split.start - 1)
    state = split.start == split.end ? .ended : split.start > 0 ? .beforeFirstLine : .reading
    // Most last lines end shortly after the split.
    let plain = PlainSource(
      reader, from: offset, likelyEnd: min(split.end, .max - 64 << 10) + Int64(LineBlockReader.tailBytes))
    let codec = try split.codec ?? ContentKind(of: reader).codec(of: uri)
    if codec == .none {
      source = plain
      end = split.end
    } else {
      guard split.start == 0, split.end == size else {
        throw StorageError.invalid(location: uri, message: "a compressed object cannot be cut into ranges")
      }
      source = try DecompressingReader(plain, codec: codec)
      end = .max
    }
    align()
    if split.start == 0, state == .reading { try begin() }
  }

  deinit { memory.deallocate() }

  /// Number of bytes of the object read so far (compressed bytes if it is compressed), for progress reports.
  package var bytesRead: Int64 { source.bytesConsumed }

  /// - Returns: nil after the last line of the split.
  /// - Throws: `StorageError`, with the offset if the contents are at fault.
  package func next() throws -> LineBlock? {
    if state == .beforeFirstLine { try skipToFirstLine() }
    guard state == .reading else { return nil }
    compact()
    var limit = blockBytes
    // Number of bytes at the front known to contain no newline.
    var searched = 0
    while true {
      if filled >= limit { limit = try grow(limit) }
      let ended = try fill(to: limit) == 0
      // A newline at or after this index ends the last line of the split.
      let last = end - 1 - offset
      if last < Int64(filled), let newline = firstNewline(from: max(searched, Int(last)), to: filled) {
        state = .ended
        return take(newline + 1)
      }
      let inside = Int(min(last, Int64(filled)))
      if searched < inside, let after = afterLastNewline(from: searched, to: inside) { return take(after) }
      searched = filled
      if ended {
        state = .ended
        return filled > 0 ? take(filled) : nil
      }
    }
  }

  /// Checks the first bytes of the text: the decompressed data may not be text either.
  private func begin() throws {
    while filled < ContentKind.headBytes, try fill(to: ContentKind.headBytes) > 0 {}
    let text = UnsafeRawBufferPointer(rebasing: buffer[..<filled])
    guard case .none = try ContentKind(text).codec(of: uri) else {
      throw StorageError.corrupt(
        location: uri, message: "holds \(ContentKind(text)) once decompressed; expected lines of text")
    }
    if text.starts(with: LineBlockReader.byteOrderMark) {
      head = LineBlockReader.byteOrderMark.count
      offset = Int64(head)
    }
  }

  /// Skips the rest of a line that began in an earlier split.
  private func skipToFirstLine() throws {
    state = .ended
    // Past this point, the newline would start a line of a later split.
    while offset < end - 1 {
      let count = try source.read(into: readable(from: 0, count: min(Int64(blockBytes), end - 1 - offset)))
      if count == 0 { return }
      filled = count
      if let newline = firstNewline(from: 0, to: count) {
        state = .reading
        _ = take(newline + 1)
        return
      }
      offset += Int64(count)
    }
  }

  /// Allocates memory for a block of the given size in bytes.
  private static func allocate(_ bytes: Int) -> UnsafeMutableRawBufferPointer {
    .allocate(byteCount: bytes + LineBlockReader.padding + LineBlockReader.cacheLine, alignment: cacheLine)
  }

  private func align() {
    let start = Int(offset) % LineBlockReader.cacheLine
    let count = memory.count - LineBlockReader.cacheLine
    buffer = UnsafeMutableRawBufferPointer(rebasing: memory[start..<start + count])
  }

  /// Moves the bytes that have not been returned yet to the front.
  private func compact() {
    let rest = UnsafeRawBufferPointer(rebasing: buffer[head..<filled])
    align()
    if !rest.isEmpty { buffer.copyMemory(from: rest) }
    head = 0
    filled = rest.count
  }

  /// Reads once, filling the buffer up to `limit` bytes. Bytes after the split are read only after all bytes before them have
  /// arrived: they are needed only to complete one line.
  /// - Returns: Number of bytes read, 0 at the end of the object.
  private func fill(to limit: Int) throws -> Int {
    let missing = end - offset - Int64(filled)
    let wanted = missing > 0 ? missing : Int64(max(LineBlockReader.tailBytes, filled))
    let count = try source.read(into: readable(from: filled, count: min(Int64(limit - filled), wanted)))
    filled += count
    UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<filled + LineBlockReader.padding])
      .initializeMemory(as: UInt8.self, repeating: 0)
    return count
  }

  private func readable(from start: Int, count: Int64) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(rebasing: buffer[start..<start + Int(count)])
  }

  /// Makes room for a line longer than the buffer.
  private func grow(_ limit: Int) throws -> Int {
    guard filled <= maxLineBytes else {
      throw StorageError.corrupt(
        location: "\(uri): byte \(offset)",
        message: "a line is over \(maxLineBytes) bytes long; expected JSON Lines")
    }
    let longer = filled > maxLineBytes / 2 ? maxLineBytes + 1 : max(limit, filled * 2)
    if longer + LineBlockReader.padding > buffer.count {
      let read = UnsafeRawBufferPointer(rebasing: buffer[..<filled])
      let former = memory
      memory = LineBlockReader.allocate(longer)
      align()
      buffer.copyMemory(from: read)
      former.deallocate()
    }
    return longer
  }

  private func firstNewline(from start: Int, to end: Int) -> Int? {
    guard start < end, let base = buffer.baseAddress, let found = memchr(base + start, 0x0a, end - start)
    else {
      return nil
    }
    return found - base
  }

  /// The index after the last newline.
  private func afterLastNewline(from start: Int, to end: Int) -> Int? {
    guard start < end, let base = buffer.baseAddress else { return nil }
    let after = swiftlet_after_last(base + start, end - start, 0x0a)
    return after > 0 ? start + after : nil
  }

  private func take(_ length: Int) -> LineBlock {
    let block = LineBlock(bytes: .init(rebasing: buffer[head..<head + length]), offset: offset)
    head += length
    offset += Int64(length)
    return block
  }
}
