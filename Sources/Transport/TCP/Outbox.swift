import Glibc
import Wire

/// Frames as chunks of bytes for a gathering write. Small frames are packed together, so that one system call sends many; large
/// payloads are never copied.
package struct PackedFrames: Sendable {
  /// Payloads of at least this many bytes are chunks of their own.
  package static let largePayload = 16 << 10
  private static let chunkSize = 64 << 10

  package private(set) var chunks: [[UInt8]] = []
  package let bytes: Int

  package init(_ frames: [Frame]) {
    var rest = frames.encodedSize
    bytes = rest
    var chunk: [UInt8] = []
    for frame in frames {
      if chunk.capacity == 0 { chunk.reserveCapacity(min(rest, PackedFrames.chunkSize)) }
      frame.appendHeader(to: &chunk)
      let isLarge = frame.payload.count >= PackedFrames.largePayload
      if !isLarge { chunk.append(contentsOf: frame.payload) }
      rest -= frame.encodedSize
      if isLarge || chunk.count >= PackedFrames.chunkSize - PackedFrames.largePayload || rest == 0 {
        chunks.append(chunk)
        chunk = []
      }
      if isLarge { chunks.append(frame.payload) }
    }
  }
}

/// Bytes waiting to be written, in order.
package struct Outbox: Sendable {
  private static let vectorsPerWrite = 64

  private var chunks: [[UInt8]] = []
  /// Chunks before this one are written, as are the first `offset` bytes of this one.
  private var first = 0
  private var offset = 0
  package private(set) var bytes = 0

  package init() {}

  package var isEmpty: Bool { bytes == 0 }

  package mutating func append(_ packed: PackedFrames) {
    bytes += packed.bytes
    chunks.append(contentsOf: packed.chunks)
  }

  /// Passes the first bytes, up to about `limit`, to `write` as vectors.
  package func withVectors<R>(limit: Int, _ write: (UnsafeMutableBufferPointer<iovec>) -> R) -> R {
    withUnsafeTemporaryAllocation(of: iovec.self, capacity: Outbox.vectorsPerWrite) { vectors in
      gather(first, into: vectors, filled: 0, room: limit, write)
    }
  }

  /// Recursive, because an array's memory is accessible only within a closure.
  private func gather<R>(
    _ index: Int, into vectors: UnsafeMutableBufferPointer<iovec>, filled: Int, room: Int,
    _ write: (UnsafeMutableBufferPointer<iovec>) -> R
  ) -> R {
    guard index < chunks.count, filled < vectors.count, room > 0 else {
      return write(UnsafeMutableBufferPointer(rebasing: vectors[..<filled]))
    }
    return chunks[index].withUnsafeBytes { chunk in
      let skipped = index == first ? offset : 0
      let length = min(chunk.count - skipped, room)
      // `sendmsg` only reads through the pointer, although its type is mutable.
      let start = UnsafeMutableRawPointer(mutating: chunk.baseAddress)?.advanced(by: skipped)
      vectors.initializeElement(at: filled, to: iovec(iov_base: start, iov_len: length))
      return gather(index + 1, into: vectors, filled: filled + 1, room: room - length, write)
    }
  }

  /// Removes the first `count` bytes, which have been written.
  package mutating func consume(_ count: Int) {
    bytes -= count
    var rest = count
    while first < chunks.count, rest >= chunks[first].count - offset {
      rest -= chunks[first].count - offset
      offset = 0
      chunks[first] = []
      first += 1
    }
    offset += rest
    if first == chunks.count {
      chunks.removeAll(keepingCapacity: true)
      first = 0
    } else if first >= 64, first * 2 >= chunks.count {
      chunks.removeFirst(first)
      first = 0
    }
  }

  package mutating func removeAll() { self = Outbox() }
}
