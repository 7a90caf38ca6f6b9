import Wire

/// Finds the store, or makes the sink, that a URI asks for. The one place that knows which schemes there are.
package enum ObjectStores {
  /// - Parameter settings: Of the job; they say how a store is reached.
  /// - Throws: `StorageError.invalid` for a scheme that has no store.
  package static func store(for uri: String, settings: Settings = Settings()) throws(StorageError)
    -> any ObjectStore
  {
    let parsed = try ObjectURI(uri)
    switch parsed.location {
    case .file: return LocalStore()
    case .s3: return S3Store(try S3Client.shared(settings))
    case .kafka: throw unsupported(parsed)
    }
  }

  /// A sink that replaces the object at `uri` when it is closed.
  package static func sink(
    for uri: String, settings: Settings = Settings(), durable: Bool = true
  ) throws(StorageError) -> any ByteSink {
    let parsed = try ObjectURI(uri).resolved()
    switch parsed.location {
    case .file(let path): return try LocalSink(path: path, durability: durable ? .closed : .any)
    case .s3(let bucket, let key):
      guard !key.isEmpty, !key.hasSuffix("/") else {
        throw .invalid(place: parsed.description, message: "expected the name of an object to write")
      }
      return S3Sink(S3Bucket(try S3Client.shared(settings), name: bucket), key: key, publishes: true)
    case .kafka: throw unsupported(parsed)
    }
  }

  /// The whole of a small object.
  /// - Throws: `StorageError.invalid` where it is longer than `limit` bytes.
  package static func contents(
    of uri: String, settings: Settings = Settings(), limit: Int = 64 << 20
  ) throws -> [UInt8] {
    if case .s3(let name, let key) = try ObjectURI(uri).location {
      // One request instead of two, and an error that says what is wrong, which HEAD cannot.
      guard let found = try S3Bucket(try S3Client.shared(settings), name: name).contents(key, limit: limit)
      else {
        throw StorageError.notFound(place: uri, message: "there is no such object")
      }
      return found.bytes
    }
    let store = try store(for: uri, settings: settings)
    let object = try store.info(uri)
    guard object.size <= Int64(limit) else {
      throw StorageError.invalid(
        place: object.uri, message: "is \(object.size) bytes long, at most \(limit) are expected here")
    }
    let reader = try store.open(object)
    var bytes = [UInt8](repeating: 0, count: Int(object.size))
    let count = try bytes.withUnsafeMutableBytes { try reader.read(at: 0, into: $0) }
    return Array(bytes.prefix(count))
  }

  static func unsupported(_ uri: ObjectURI) -> StorageError {
    .invalid(
      place: uri.description,
      message: "expected files or objects; a topic is read by a step of its own")
  }
}
