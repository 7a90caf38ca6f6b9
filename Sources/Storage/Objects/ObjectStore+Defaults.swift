/// What a store need not implement: derived from the rest, or refused by name.
extension ObjectStore {
  package var capabilities: StoreCapabilities { [] }
  package var lockSeconds: Double { 60 }

  package func scan(prefix: String) throws -> [ObjectInfo] {
    do {
      return try list(prefix).filter { $0.uri.utf8.starts(with: prefix.utf8) }
    } catch StorageError.notFound {
      return []
    }
  }

  /// For stores without folders, where a folder is a prefix.
  package func listPrefix(_ uri: String) throws -> [ObjectInfo] {
    let folder = uri.hasSuffix("/") ? uri : uri + "/"
    let found = try scan(prefix: folder).filter { object in
      // An object whose name ends in a slash stands for a folder.
      !object.uri.hasSuffix("/") && !ObjectName.isHidden(ObjectName.relative(object.uri, to: folder) ?? "")
    }
    if !found.isEmpty { return found }
    if !uri.hasSuffix("/") {
      do { return [try info(uri)] } catch StorageError.notFound {}
    }
    throw StorageError.notFound(location: uri, message: "there are no objects under this prefix")
  }

  package func contents(_ uri: String, limit: Int) throws -> ObjectContents? {
    let object: ObjectInfo
    do { object = try info(uri) } catch StorageError.notFound { return nil }
    guard object.size <= Int64(limit) else { throw tooLong(uri, object.size, limit) }
    var bytes = [UInt8](repeating: 0, count: Int(object.size))
    let count = try bytes.withUnsafeMutableBytes { try open(object).read(at: 0, into: $0) }
    return ObjectContents(bytes: Array(bytes.prefix(count)), version: object.version)
  }

  func tooLong(_ uri: String, _ size: Int64, _ limit: Int) -> StorageError {
    .invalid(location: uri, message: "has \(size) bytes; expected at most \(limit)")
  }

  package func copy(_ object: ObjectInfo, to uri: String) throws {
    let reader = try open(object)
    let sink = try sink(uri, durable: true)
    let block = ByteBlock(capacity: 1 << 20)
    reader.expect(0..<object.size)
    try sink.closing {
      var offset: Int64 = 0
      while case let count = try reader.read(at: offset, into: block.bytes), count > 0 {
        try sink.write(UnsafeRawBufferPointer(rebasing: block.bytes[..<count]))
        offset += Int64(count)
      }
    }
  }

  package func outputFolder(_ uri: ObjectURI) throws(StorageError) -> ObjectURI {
    guard !ObjectName.parts(uri.path).isEmpty else {
      throw .invalid(
        location: uri.description, message: "cannot be an output folder: choose a folder below it")
    }
    return uri
  }

  package func commit(_ staging: StagingArea) throws(StorageError) -> any OutputCommit {
    guard capabilities.isSuperset(of: [.write, .uploads]) else { throw unsupported(staging.output) }
    return UploadCommit(staging, in: self)
  }

  // MARK: A store that can only be read

  package func sink(_ uri: String, durable: Bool) throws -> any ByteSink { throw unsupported(uri) }
  package func put(_ uri: String, _ bytes: [UInt8], if condition: PutCondition) throws -> PutResult {
    throw unsupported(uri)
  }
  package func delete(_ uris: [String]) throws { throw unsupported(uris.first ?? "") }
  package func upload(_ uri: String) throws -> any UploadSink { throw unsupported(uri) }
  package func complete(_ uploads: [ObjectUpload]) throws { throw unsupported(uploads.first?.uri ?? "") }
  package func abort(_ uploads: [ObjectUpload]) throws { throw unsupported(uploads.first?.uri ?? "") }
  package func uploads(prefix: String) throws -> [ObjectUpload] { throw unsupported(prefix) }

  private func unsupported(_ uri: String) -> StorageError {
    .invalid(location: uri, message: "this kind of store does not support it")
  }
}
