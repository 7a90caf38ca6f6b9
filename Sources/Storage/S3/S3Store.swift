/// Objects of an S3 server.
package struct S3Store: ObjectStore {
  private let client: S3Client

  package init(_ client: S3Client) { self.client = client }

  package func list(_ uri: String) throws -> [ObjectInfo] {
    let (bucket, key) = try place(uri)
    let prefix = key.isEmpty || key.hasSuffix("/") ? key : key + "/"
    let entries = try bucket.list(prefix: prefix).filter {
      // An object whose name ends in a slash stands for a folder.
      !$0.key.hasSuffix("/") && !S3Store.isHidden($0.key.utf8.dropFirst(prefix.utf8.count))
    }
    if !entries.isEmpty { return entries.map { info($0, bucket) } }
    if !key.isEmpty, !key.hasSuffix("/"), let entry = try bucket.head(key) { return [info(entry, bucket)] }
    throw StorageError.notFound(place: uri, message: "there are no objects under this prefix")
  }

  package func open(_ object: ObjectInfo) throws -> any ObjectReader {
    let (bucket, key) = try place(object.uri)
    return S3Reader(object, bucket, key: key)
  }

  package func info(_ uri: String) throws -> ObjectInfo {
    let (bucket, key) = try place(uri)
    guard !key.isEmpty, let entry = try bucket.head(key) else {
      throw StorageError.notFound(place: uri, message: "there is no such object")
    }
    return info(entry, bucket)
  }

  private func info(_ entry: S3Bucket.Entry, _ bucket: S3Bucket) -> ObjectInfo {
    ObjectInfo(uri: bucket.uri(entry.key), size: entry.size, version: entry.eTag)
  }

  private func place(_ uri: String) throws(StorageError) -> (bucket: S3Bucket, key: String) {
    guard case .s3(let bucket, let key) = try ObjectURI(uri).location else {
      throw .invalid(place: uri, message: "is no place on S3")
    }
    return (S3Bucket(client, name: bucket), key)
  }

  /// By bytes: a letter may grow together with a mark behind it, a byte does not.
  private static func isHidden(_ name: Substring.UTF8View) -> Bool {
    name.split(separator: UInt8(ascii: "/")).contains {
      $0.first == UInt8(ascii: "_") || $0.first == UInt8(ascii: ".")
    }
  }
}
