import Storage

/// A sequence of bytes that the consumer pulls. Calls may block. Must be used by one thread at a time.
package protocol ByteSource: AnyObject {
  /// - Returns: Number of bytes written to the front of `buffer`; 0 only at the end (or if `buffer` is empty).
  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int

  /// Number of bytes of the object consumed so far; compressed bytes if the object is compressed.
  var bytesConsumed: Int64 { get }
}

/// The stored bytes of an object or of a range of it.
package final class PlainSource: ByteSource {
  let reader: any ObjectReader
  private let start: Int64
  private let end: Int64
  private var position: Int64

  /// - Parameters:
  ///   - end: nil for the end of the object.
  ///   - likelyEnd: Bytes after this offset are rarely read; nil for `end`.
  package init(
    _ reader: any ObjectReader, from start: Int64 = 0, to end: Int64? = nil, likelyEnd: Int64? = nil
  ) {
    self.reader = reader
    self.start = max(0, start)
    self.end = min(end ?? .max, reader.info.size)
    position = self.start
    let expected = min(likelyEnd ?? .max, self.end)
    if position < expected { reader.expect(position..<expected) }
  }

  package var bytesConsumed: Int64 { position - start }

  package func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    guard position < end, !buffer.isEmpty else { return 0 }
    let count = Int(min(Int64(buffer.count), end - position))
    let done = try reader.read(at: position, into: .init(rebasing: buffer[..<count]))
    guard done > 0 else {
      throw StorageError.corrupt(
        location: "\(reader.info.uri):\(position)", message: "ends before byte \(end)")
    }
    position += Int64(done)
    return done
  }
}

/// The decompressed bytes of an object. Every frame must be complete and nothing may follow the last one; errors name the
/// object and the offset in its compressed bytes. An empty object yields no bytes.
package final class DecompressingReader: ByteSource {
  private let uri: String
  private let input: PlainSource
  private let decoder: (any StreamDecoder)?
  private let buffer: UnsafeMutableRawBufferPointer
  /// The part of `buffer` that the decoder has not consumed yet.
  private var pending = UnsafeRawBufferPointer(start: nil, count: 0)
  private var inputEnded = false

  /// - Parameter input: The whole object.
  package init(_ input: PlainSource, codec: Codec, inputBytes: Int = 256 << 10) throws(StorageError) {
    uri = input.reader.info.uri
    self.input = input
    do throws(CodecFailure) {
      decoder = try codec.makeDecoder()
    } catch {
      throw error.at(uri)
    }
    buffer = .allocate(byteCount: max(1, inputBytes), alignment: 64)
  }

  deinit { buffer.deallocate() }

  package var bytesConsumed: Int64 { input.bytesConsumed - Int64(pending.count) }

  package func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
    guard let decoder else { return try input.read(into: target) }
    var output = target
    while !output.isEmpty {
      if pending.isEmpty, !inputEnded {
        let count = try input.read(into: buffer)
        inputEnded = count == 0
        pending = UnsafeRawBufferPointer(rebasing: buffer[..<count])
      }
      let before = (pending.count, output.count)
      do throws(CodecFailure) {
        try decoder.decode(&pending, &output)
      } catch {
        throw error.at(location)
      }
      if pending.isEmpty, inputEnded, output.count == before.1 {
        guard decoder.isBetweenFrames else {
          throw StorageError.corrupt(
            location: location, message: "ends in the middle of a compressed frame; is it whole?")
        }
        break
      }
      if !pending.isEmpty, (pending.count, output.count) == before {
        throw StorageError.corrupt(location: location, message: "the decoder makes no progress")
      }
    }
    return target.count - output.count
  }

  private var location: String { "\(uri): compressed byte \(bytesConsumed)" }
}
