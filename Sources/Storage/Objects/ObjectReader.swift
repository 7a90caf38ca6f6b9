/// Random access to one object. Blocking; used by one thread at a time.
package protocol ObjectReader: AnyObject {
  var info: ObjectInfo { get }

  /// Fills as much of `buffer` as there are bytes from `offset` on.
  /// - Returns: Bytes read; fewer than asked only at the end of the object.
  func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws -> Int

  /// Announces that these bytes will be read soon, in order. A remote store begins to fetch them.
  func expect(_ range: Range<Int64>)
}

extension ObjectReader {
  package func expect(_ range: Range<Int64>) {}
}

/// Writes an object as a sequence of bytes. Blocking; used by one thread at a time.
/// Nothing is visible under the final name before `close` returns.
package protocol ByteSink: AnyObject {
  func write(_ bytes: UnsafeRawBufferPointer) throws
  /// Makes the bytes durable and visible.
  func close() throws
  /// Drops what was written. Never throws; may be called at any time.
  func abort()
}

extension ByteSink {
  /// Calls `body`, which writes, and closes the sink. If one of them throws, the sink is aborted.
  package func closing<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      let result = try body()
      try close()
      return result
    } catch {
      abort()
      throw error
    }
  }

  package func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0) } }

  package func write(_ text: String) throws {
    var text = text
    try text.withUTF8 { try write(UnsafeRawBufferPointer($0)) }
  }
}
