import Storage

/// Compresses bytes on their way to another sink. Closing or aborting it also closes or aborts the other sink. The same bytes
/// produce the same file, however they were split into writes.
package final class CompressingSink: ByteSink {
  private let sink: any ByteSink
  private let encoder: (any StreamEncoder)?
  private let buffer: UnsafeMutableRawBufferPointer
  private let location: String

  /// - Parameters:
  ///   - level: See ``Codec/makeEncoder(level:)``.
  ///   - location: The name of the written object in errors.
  package init(_ sink: any ByteSink, codec: Codec, level: Int? = nil, location: String = "output")
    throws(StorageError)
  {
    self.sink = sink
    self.location = location
    do throws(CodecFailure) {
      encoder = try codec.makeEncoder(level: level)
    } catch {
      throw error.at(location)
    }
    buffer = .allocate(byteCount: 256 << 10, alignment: 64)
  }

  deinit { buffer.deallocate() }

  package func write(_ bytes: UnsafeRawBufferPointer) throws {
    guard encoder != nil else { return try sink.write(bytes) }
    try encode(bytes, finish: false)
  }

  package func close() throws {
    try encode(UnsafeRawBufferPointer(start: nil, count: 0), finish: true)
    try sink.close()
  }

  package func abort() { sink.abort() }

  private func encode(_ bytes: UnsafeRawBufferPointer, finish: Bool) throws {
    guard let encoder else { return }
    var input = bytes
    var done = false
    while !done {
      var output = buffer
      do throws(CodecFailure) {
        done = try encoder.encode(&input, &output, finish: finish)
      } catch {
        throw error.at(location)
      }
      let count = buffer.count - output.count
      if count > 0 { try sink.write(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
    }
  }
}
