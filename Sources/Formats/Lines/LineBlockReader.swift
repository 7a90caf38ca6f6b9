import CLinux
import Glibc
import Storage

/// Whole lines, one after another. Valid until the next call of ``LineBlockReader/next()``.
package struct LineBlock {
  /// Each line with its `\n` (and `\r`, where there is one); only the last line of an object may lack it. At least
  /// ``LineBlockReader/padding`` readable bytes follow.
  package let bytes: UnsafeRawBufferPointer
  /// Where the first byte is in the uncompressed object.
  package let offset: Int64
}

/// Reads the lines of a split in blocks. A line belongs to the split in which its first byte lies, so a split that does not
/// begin the object starts after the first `\n` at or after the byte before it, and reads past its end to finish
/// its last line: the splits of an object give each line once, wherever the cuts are.
///
/// Blocking; used by one thread at a time. The memory of the blocks is reused.
package final class LineBlockReader {
  /// Bytes after a block that may be read (their values mean nothing), as SIMD parsers need.
  package static let padding = 64

  private static let cacheLine = 64

  /// How much is read at a time to find the end of the last line.
  private static let tailBytes = 64 << 10

  private let uri: String
  private let source: any ByteSource
  /// Lines whose first byte is at or after this offset belong to another split.
  private let end: Int64
  private let blockBytes: Int
  private let maxLineBytes: Int

  private var memory: UnsafeMutableRawBufferPointer
  /// The memory from the byte on that lies within a cache line as the next byte of the object does within its own: the kernel copies
  /// a sixth faster between places that are alike.
  private var buffer: UnsafeMutableRawBufferPointer
  /// The bytes read and not yet handed out are `buffer[head..<filled]`.
  private var head = 0
  private var filled = 0
  /// Of `buffer[head]`, in the uncompressed object.
  private var offset: Int64
  private var state: State

  private enum State { case beforeFirstLine, reading, ended }

  /// - Parameters:
  ///   - blockBytes: The usual length of a block. Longer lines get longer blocks.
  ///   - maxLineBytes: The length over which a line is an error.
  package init(
    split: InputSplit, store: any ObjectStore, blockBytes: Int = 1 << 18, maxLineBytes: Int = 256 << 20
  ) throws {
    let size = split.object.size
    guard split.start >= 0, split.start <= split.end, split.end <= size else {
      throw StorageError.invalid(
        place: split.object.uri, message: "split \(split.start)..<\(split.end) of \(size) bytes")
    }
    let reader = try store.open(split.object)
    let codec = Codec(uri: split.object.uri)
    uri = split.object.uri
    if codec == .none {
      offset = max(0, split.start - 1)
      // Most last lines end soon after the split.
      source = PlainSource(
        reader, from: offset, likelyEnd: min(split.end, .max - 64 << 10) + Int64(LineBlockReader.tailBytes))
      end = split.end
    } else {
      guard split.start == 0, split.end == size else {
        throw StorageError.invalid(place: uri, message: "a compressed object cannot be cut into ranges")
      }
      offset = 0
      source = try DecompressingReader(reader, codec: codec)
      end = .max
    }
    state = split.start == split.end ? .ended : split.start > 0 ? .beforeFirstLine : .reading
    self.blockBytes = max(1, blockBytes)
    self.maxLineBytes = max(1, maxLineBytes)
    memory = LineBlockReader.allocate(self.blockBytes)
    buffer = memory
    align()
  }

  deinit { memory.deallocate() }

  /// Bytes of the object read so far (compressed ones, where it is compressed), for progress.
  package var bytesRead: Int64 { source.bytesConsumed }

  /// - Returns: nil after the last line of the split.
  /// - Throws: `StorageError`, with the offset where the bytes are to blame.
  package func next() throws -> LineBlock? {
    if state == .beforeFirstLine { try skipToFirstLine() }
    guard state == .reading else { return nil }
    compact()
    var limit = blockBytes
    // Bytes at the front that are known to hold no newline.
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

  /// Passes over the rest of a line that began in an earlier split.
  private func skipToFirstLine() throws {
    state = .ended
    // Beyond this, the newline would begin a line of a later split.
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

  /// Memory for a block of so many bytes.
  private static func allocate(_ bytes: Int) -> UnsafeMutableRawBufferPointer {
    .allocate(byteCount: bytes + LineBlockReader.padding + LineBlockReader.cacheLine, alignment: cacheLine)
  }

  private func align() {
    let start = Int(offset) % LineBlockReader.cacheLine
    let count = memory.count - LineBlockReader.cacheLine
    buffer = UnsafeMutableRawBufferPointer(rebasing: memory[start..<start + count])
  }

  /// Moves what is not handed out yet to the front.
  private func compact() {
    let rest = UnsafeRawBufferPointer(rebasing: buffer[head..<filled])
    align()
    if !rest.isEmpty { buffer.copyMemory(from: rest) }
    head = 0
    filled = rest.count
  }

  /// Reads once, not over `limit` bytes in the buffer. The end of the split is not read over until all before it is there: what
  /// follows is needed only for the rest of one line.
  /// - Returns: Bytes read, 0 at the end of the object.
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
        place: "\(uri): byte \(offset)",
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
