import Wire

/// Where objects live: local disk, S3. A store implements reading (`scan`, `info`, `open`) and as much of the rest as it can, and says so in
/// ``capabilities``; callers ask for capabilities and never for a scheme. Blocking; any thread. URIs are canonical.
package protocol ObjectStore: Sendable {
  var capabilities: StoreCapabilities { get }

  // MARK: Reading

  /// Every object under a folder or prefix (or the one object of that name), ordered by the bytes of their URIs, whatever their names end
  /// with. Readers of folders agree to pass over names with a part below the prefix that begins with `_` or `.`.
  /// - Throws: `StorageError.notFound`.
  func list(_ uri: String) throws -> [ObjectInfo]

  /// Every object whose URI begins with these bytes, hidden names too, in order. Empty where there is none.
  func scan(prefix: String) throws -> [ObjectInfo]

  /// The current size and version of one object.
  /// - Throws: `StorageError.notFound`.
  func info(_ uri: String) throws -> ObjectInfo

  /// - Throws: `StorageError.notFound`, or `.invalid` where the object is no longer the version that was listed.
  func open(_ object: ObjectInfo) throws -> any ObjectReader

  /// The whole of a small object; nil where there is none.
  /// - Throws: `StorageError.invalid` where it is longer than `limit` bytes.
  func contents(_ uri: String, limit: Int) throws -> ObjectContents?

  // MARK: Writing

  /// Replaces the object when the sink is closed.
  /// - Parameter durable: Whether `close` waits until the bytes survive a power cut.
  func sink(_ uri: String, durable: Bool) throws -> any ByteSink

  /// Writes a small object in one step, if `condition` holds.
  func put(_ uri: String, _ bytes: [UInt8], if condition: PutCondition) throws -> PutResult

  /// Removes objects. Missing ones are no error.
  func delete(_ uris: [String]) throws

  /// Copies an object, inside the store where it can.
  func copy(_ object: ObjectInfo, to uri: String) throws

  // MARK: Uploads (``StoreCapabilities/uploads``)

  /// Writes bytes that stay invisible until somebody completes the upload.
  func upload(_ uri: String) throws -> any UploadSink

  /// Makes the uploads objects, many at a time.
  func complete(_ uploads: [ObjectUpload]) throws

  /// Drops uploads. Missing ones are no error.
  func abort(_ uploads: [ObjectUpload]) throws

  /// Uploads whose URIs begin with these bytes and that are neither completed nor aborted. Without their parts.
  func uploads(prefix: String) throws -> [ObjectUpload]

  // MARK: Outputs

  /// Seconds without renewal after which the lock of an output counts as abandoned.
  var lockSeconds: Double { get }

  /// The URI under which an output folder is written.
  /// - Throws: `StorageError.invalid` where this cannot be an output folder.
  func outputFolder(_ uri: ObjectURI) throws(StorageError) -> ObjectURI

  /// How an output in this store is published: ``UploadCommit``, unless the store has something better.
  func commit(_ staging: StagingArea) throws(StorageError) -> any OutputCommit
}

/// What a store can do beyond reading.
package struct StoreCapabilities: OptionSet, Sendable {
  package let rawValue: Int
  package init(rawValue: Int) { self.rawValue = rawValue }

  package static let write = StoreCapabilities(rawValue: 1)
  /// `put` with a condition. Some servers of a kind lack it and answer ``PutResult/unsupported``.
  package static let conditionalPut = StoreCapabilities(rawValue: 2)
  package static let uploads = StoreCapabilities(rawValue: 4)
  /// A whole output folder is replaced in one step, so a listing never shows files of an output that is not published.
  package static let atomicFolders = StoreCapabilities(rawValue: 8)
}

/// What must be true of an object for `put` to write it.
package enum PutCondition: Hashable, Sendable {
  case none
  case absent
  /// It still has this version.
  case unchanged(version: String)
}

package enum PutResult: Hashable, Sendable {
  case done(version: String)
  /// The condition does not hold.
  case refused
  /// The store has no conditional writes.
  case unsupported
}

package struct ObjectContents: Hashable, Sendable {
  package let bytes: [UInt8]
  package let version: String

  package init(bytes: [UInt8], version: String) {
    self.bytes = bytes
    self.version = version
  }
}
