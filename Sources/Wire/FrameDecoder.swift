import Basics

/// Splits a stream of bytes, received in chunks of any size, into frames.
///
/// Each payload byte is copied once, from the chunk to its frame. A header is checked as soon as it is complete. Memory grows
/// only with bytes that have arrived, never because of a header alone. After an error the rest of the stream is meaningless, so
/// every later call throws the same error.
package struct FrameDecoder: Sendable {
  /// The longest accepted payload, in bytes. May change between frames.
  package var limit: Int
  /// The bytes so far of a header that arrived in pieces; fewer than ``Frame/headerSize``.
  private var partialHeader: [UInt8] = []
  /// The frame whose header is complete and whose payload is being collected.
  private var open: (head: UInt64, checksum: UInt64, length: Int)?
  private var payload: [UInt8] = []
  private var failure: FrameError?

  package init(limit: Int = Frame.maximumPayload) { self.limit = limit }

  /// Whether the stream could end here without truncating a frame.
  package var isBetweenFrames: Bool { partialHeader.isEmpty && open == nil }

  /// Decodes bytes and appends the frames they complete, up to `maximum` frames. Frames before a broken one are appended before
  /// the error is thrown.
  /// - Returns: Number of bytes consumed. Less than given only if `maximum` was reached.
  @discardableResult
  package mutating func decode(
    _ bytes: UnsafeRawBufferPointer, into frames: inout [Frame], atMost maximum: Int = .max
  ) throws(FrameError) -> Int {
    if let failure { throw failure }
    var position = 0
    var room = maximum
    do throws(FrameError) {
      while room > 0 {
        if open == nil { try takeHeader(bytes, &position) }
        guard let (head, checksum, length) = open else { break }
        takePayload(bytes, &position, length)
        guard payload.count == length else { break }
        guard XXH3.hash(payload, seed: head) == checksum else { throw .checksum }
        frames.append(Frame(type: UInt8(truncatingIfNeeded: head >> 32), payload: payload))
        payload = []
        open = nil
        room -= 1
      }
    } catch {
      failure = error
      payload = []
      throw error
    }
    return position
  }

  private mutating func takeHeader(_ bytes: UnsafeRawBufferPointer, _ position: inout Int) throws(FrameError)
  {
    let available = bytes.count - position
    if partialHeader.isEmpty, available >= Frame.headerSize {
      try check(header: load(bytes, at: position))
      position += Frame.headerSize
      return
    }
    let taken = min(Frame.headerSize - partialHeader.count, available)
    partialHeader.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[position..<position + taken]))
    position += taken
    guard partialHeader.count == Frame.headerSize else { return }
    let header = partialHeader.withUnsafeBytes { load($0, at: 0) }
    partialHeader.removeAll(keepingCapacity: true)
    try check(header: header)
  }

  private func load(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> (head: UInt64, checksum: UInt64) {
    (
      UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)),
      UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self))
    )
  }

  private mutating func check(header: (head: UInt64, checksum: UInt64)) throws(FrameError) {
    let (head, checksum) = header
    let length = Int(UInt32(truncatingIfNeeded: head))
    let version = UInt8(truncatingIfNeeded: head >> 40)
    guard version == Frame.version else { throw .wrongVersion(version) }
    guard head >> 48 == 0 else { throw .reservedBits }
    guard length <= limit else { throw .tooLong(length, limit: limit) }
    open = (head, checksum, length)
  }

  private mutating func takePayload(_ bytes: UnsafeRawBufferPointer, _ position: inout Int, _ length: Int) {
    let taken = min(length - payload.count, bytes.count - position)
    guard taken > 0 else { return }
    let part = UnsafeRawBufferPointer(rebasing: bytes[position..<position + taken])
    position += taken
    if taken == length {
      payload = Array(part)
      return
    }
    // Reserved memory that is never written costs only address space, so a false length in a header gains little. Growing
    // fourfold copies at most a third of a longer payload.
    let needed = payload.count + taken
    if payload.capacity < needed { payload.reserveCapacity(min(length, max(32 << 20, 4 * needed))) }
    payload.append(contentsOf: part)
  }
}
