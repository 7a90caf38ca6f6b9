import Wire

/// Objects of an S3 server.
package struct S3Store: ObjectStore {
  static let kind = ObjectStoreKind(
    scheme: "s3", form: "s3://bucket/key", aliases: ["s3a", "s3n"], settings: S3Settings.keys,
    parse: { rest, text throws(StorageError) in
      guard let (bucket, key) = ObjectURI.authority(rest) else {
        throw .invalid(location: "'\(text)'", message: "expected s3://bucket/key")
      }
      return (bucket, key)
    }, open: { settings throws(StorageError) in S3Store(try S3Client.shared(settings)) })

  private let client: S3Client

  package init(_ client: S3Client) { self.client = client }

  package var capabilities: StoreCapabilities { [.write, .conditionalPut, .uploads] }
  package var lockSeconds: Double { client.configuration.lockSeconds }

  // MARK: - Reading

  package func list(_ uri: String) throws -> [ObjectInfo] { try listPrefix(uri) }

  package func scan(prefix: String) throws -> [ObjectInfo] {
    let (bucket, key) = try parse(prefix)
    return try bucket.list(prefix: key).map { info($0, bucket) }
  }

  package func info(_ uri: String) throws -> ObjectInfo {
    let (bucket, key) = try parse(uri)
    guard !key.isEmpty, let entry = try bucket.head(key) else {
      throw StorageError.notFound(location: uri, message: "there is no such object")
    }
    return info(entry, bucket)
  }

  package func open(_ object: ObjectInfo) throws -> any ObjectReader {
    let (bucket, key) = try parse(object.uri)
    return S3Reader(object, bucket, key: key)
  }

  /// One request instead of two, and an error that says what is wrong, which HEAD cannot.
  package func contents(_ uri: String, limit: Int) throws -> ObjectContents? {
    let (bucket, key) = try parseObject(uri)
    return try bucket.contents(key, limit: limit)
  }

  // MARK: - Writing

  package func sink(_ uri: String, durable: Bool) throws -> any ByteSink {
    let (bucket, key) = try parseObject(uri)
    return S3Sink(bucket, key: key, publishes: true)
  }

  package func put(_ uri: String, _ bytes: [UInt8], if condition: PutCondition) throws -> PutResult {
    let (bucket, key) = try parseObject(uri)
    return try bucket.put(key, ByteBlock(bytes), if: condition)
  }

  package func delete(_ uris: [String]) throws {
    for (bucket, keys) in try byBucket(uris) { try bucket.delete(keys) }
  }

  // MARK: - Uploads

  package func upload(_ uri: String) throws -> any UploadSink {
    let (bucket, key) = try parseObject(uri)
    return S3Sink(bucket, key: key, publishes: false)
  }

  package func complete(_ uploads: [ObjectUpload]) throws {
    // As many at a time as there are connections.
    for start in stride(from: 0, to: uploads.count, by: 256) {
      let calls = try uploads[start..<min(start + 256, uploads.count)].map { upload in
        let (bucket, key) = try parseObject(upload.uri)
        let call = try bucket.startComplete(S3Bucket.Upload(key: key, id: upload.id), upload.parts)
        return (bucket, call, upload.bytes)
      }
      for (bucket, call, bytes) in calls { try bucket.finishComplete(call, bytes: bytes) }
    }
  }

  package func abort(_ uploads: [ObjectUpload]) throws {
    let calls = try uploads.map { upload in
      let (bucket, key) = try parseObject(upload.uri)
      return bucket.startAbort(S3Bucket.Upload(key: key, id: upload.id))
    }
    for call in calls { _ = try call.finish() }
  }

  package func uploads(prefix: String) throws -> [ObjectUpload] {
    let (bucket, key) = try parse(prefix)
    return try bucket.uploads(prefix: key).map { ObjectUpload(uri: bucket.uri($0.key), id: $0.id) }
  }

  // MARK: -

  private func info(_ entry: S3Bucket.Entry, _ bucket: S3Bucket) -> ObjectInfo {
    ObjectInfo(
      uri: bucket.uri(entry.key), size: entry.size, version: entry.eTag,
      modified: entry.modified.isEmpty ? nil : entry.modified)
  }

  private func parse(_ uri: String) throws(StorageError) -> (bucket: S3Bucket, key: String) {
    let parsed = try ObjectURI(uri)
    guard parsed.scheme == S3Store.kind.scheme else {
      throw .invalid(location: uri, message: "is not an object in S3")
    }
    return (S3Bucket(client, name: parsed.bucket), parsed.path)
  }

  private func parseObject(_ uri: String) throws(StorageError) -> (bucket: S3Bucket, key: String) {
    let (bucket, key) = try parse(uri)
    guard !key.isEmpty, !key.hasSuffix("/") else {
      throw .invalid(location: uri, message: "names a folder; expected the name of an object")
    }
    return (bucket, key)
  }

  private func byBucket(_ uris: [String]) throws(StorageError) -> [(bucket: S3Bucket, keys: [String])] {
    var groups: [(bucket: S3Bucket, keys: [String])] = []
    for uri in uris {
      let (bucket, key) = try parseObject(uri)
      if let index = groups.firstIndex(where: { $0.bucket.name == bucket.name }) {
        groups[index].keys.append(key)
      } else {
        groups.append((bucket, [key]))
      }
    }
    return groups
  }
}
