/// An object (a file, an S3 object) as a listing shows it.
package struct ObjectInfo: Hashable, Sendable {
  /// `/absolute/path` or `s3://bucket/key`.
  package let uri: String
  /// Bytes.
  package let size: Int64
  /// Changes whenever the content does: modification time and inode of a file, the ETag of an S3 object.
  package let version: String

  package init(uri: String, size: Int64, version: String) {
    self.uri = uri
    self.size = size
    self.version = version
  }
}

/// Random access to one object. Blocking; used by one thread at a time.
package protocol ObjectReader: AnyObject {
  var info: ObjectInfo { get }

  /// Fills as much of `buffer` as there are bytes from `offset` on.
  /// - Returns: Bytes read; fewer than asked only at the end of the object.
  func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws -> Int

  /// Tells that these bytes will be read soon, in order: a store that is far away begins to fetch them.
  func expect(_ range: Range<Int64>)
}

extension ObjectReader {
  package func expect(_ range: Range<Int64>) {}
}

/// A sequence of bytes on its way to an object. Blocking; used by one thread at a time.
/// Nothing is visible under the final name before `close` returns.
package protocol ByteSink: AnyObject {
  func write(_ bytes: UnsafeRawBufferPointer) throws
  /// Makes what was written durable and visible.
  func close() throws
  /// Forgets what was written; never throws, may be called at any time.
  func abort()
}

/// Where objects live. Blocking; any thread.
package protocol ObjectStore: Sendable {
  /// Every object under a folder or prefix (or the one object with that very name), in the order of their URIs' bytes. Names with a
  /// path component that begins with `_` or `.` below the prefix are left out, as readers of such folders agree to.
  func list(_ uri: String) throws -> [ObjectInfo]

  /// - Throws: `StorageError.notFound`, or `.invalid` where the object is no longer the version that was listed.
  func open(_ object: ObjectInfo) throws -> any ObjectReader

  /// The current size and version of one object.
  func info(_ uri: String) throws -> ObjectInfo
}
