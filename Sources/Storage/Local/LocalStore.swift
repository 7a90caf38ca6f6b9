import Glibc

/// Files of the local disk, or of anything mounted there.
package struct LocalStore: ObjectStore {
  static let kind = ObjectStoreKind(
    scheme: "file", form: "file:/path", parse: LocalStore.parse,
    open: { _ throws(StorageError) in LocalStore() })

  package init() {}

  package var capabilities: StoreCapabilities { [.write, .conditionalPut, .atomicFolders] }

  // MARK: - Reading

  /// Follows links to files and folders. A link back to a folder above it adds nothing and is passed over; a dangling one is an error.
  /// Sockets, pipes and devices are no objects.
  package func list(_ uri: String) throws -> [ObjectInfo] {
    let path = try LocalStore.path(uri)
    let status = try SystemCall.status(path)
    guard status.isFolder else { return [try LocalStore.info(path, status)] }
    return try walk(path, status) { !ObjectName.isHidden($0) }
  }

  package func scan(prefix: String) throws -> [ObjectInfo] {
    let folder = prefix.hasSuffix("/") ? String(prefix.dropLast()) : LocalFolder.parent(of: prefix)
    let path = try LocalStore.path(folder.isEmpty ? "/" : folder)
    guard let status = try? SystemCall.status(path), status.isFolder else { return [] }
    return try walk(path, status) { _ in true }.filter { $0.uri.utf8.starts(with: prefix.utf8) }
  }

  package func info(_ uri: String) throws -> ObjectInfo {
    let path = try LocalStore.path(uri)
    return try LocalStore.info(path, try SystemCall.status(path))
  }

  package func open(_ object: ObjectInfo) throws -> any ObjectReader {
    // Without O_NONBLOCK, a pipe in place of the file would block the thread for ever.
    let file = try LocalFile(try LocalStore.path(object.uri), flags: O_RDONLY | O_NONBLOCK, action: "open")
    let found = try LocalStore.info(file.path, try file.status())
    guard found.size == object.size, found.version == object.version else {
      throw StorageError.invalid(
        location: object.uri,
        message:
          "has changed since it was listed (\(object.size) bytes then, \(found.size) now); run the job again")
    }
    return LocalReader(object, file)
  }

  // MARK: - Writing

  package func sink(_ uri: String, durable: Bool) throws -> any ByteSink {
    try LocalSink(path: try LocalStore.path(uri), durability: durable ? .closed : .any)
  }

  package func put(_ uri: String, _ bytes: [UInt8], if condition: PutCondition) throws -> PutResult {
    let path = try LocalStore.path(uri)
    try LocalFolder.create(LocalFolder.parent(of: path))
    // Two writers with conditions must not look at the file at the same time.
    let lock = condition == .none ? nil : try LocalLock.waiting(beside: path)
    defer { withExtendedLifetime(lock) {} }
    let present = try SystemCall.statusOfLink(path) == nil ? nil : try info(path).version
    switch condition {
    case .none: break
    case .absent: if present != nil { return .refused }
    case .unchanged(let version): if present != version { return .refused }
    }
    let sink = try LocalSink(path: path)
    try sink.closing { try sink.write(bytes) }
    return .done(version: try info(path).version)
  }

  package func delete(_ uris: [String]) throws {
    for uri in uris {
      let path = try LocalStore.path(uri)
      if unlink(path) != 0, errno != ENOENT { throw SystemCall.failure(errno, path, "remove") }
    }
  }

  // MARK: - Outputs

  /// Where the output is a link to a folder, that folder is replaced and not the link.
  package func outputFolder(_ uri: ObjectURI) throws(StorageError) -> ObjectURI {
    guard uri.path != "/" else {
      throw .invalid(
        location: uri.description, message: "cannot be an output folder: choose a folder below it")
    }
    guard try SystemCall.statusOfLink(uri.path)?.isLink == true, let real = realpath(uri.path, nil) else {
      return uri
    }
    defer { free(real) }
    return ObjectURI(scheme: uri.scheme, path: String(cString: real))
  }

  package func commit(_ staging: StagingArea) throws(StorageError) -> any OutputCommit {
    LocalCommit(staging)
  }

  // MARK: -

  private static func parse(_ rest: Substring, _ text: String) throws(StorageError) -> (String, String) {
    var path = rest
    if rest.hasPrefix("//") {
      // The authority of a file: URI is this machine or nothing (RFC 8089).
      path = rest.dropFirst(2)
      if path.hasPrefix("localhost/") { path = path.dropFirst("localhost".count) }
      guard path.hasPrefix("/") else {
        throw .invalid(
          location: "'\(text)'",
          message: "names a host; write file:\(path) for a relative path or file:///\(path)")
      }
    }
    guard !path.isEmpty else { throw .invalid(location: "'\(text)'", message: "expected a path after file:") }
    return ("", String(path))
  }

  private static func path(_ uri: String) throws(StorageError) -> String {
    let parsed = try ObjectURI(uri).resolved()
    guard parsed.scheme == kind.scheme else {
      throw .invalid(location: uri, message: "is not a path of the local disk")
    }
    return parsed.path
  }

  private static func info(_ path: String, _ status: stat) throws(StorageError) -> ObjectInfo {
    guard status.isFile else {
      let what = status.isFolder ? "a folder" : "not a regular file"
      throw .invalid(location: path, message: "is \(what); expected a file")
    }
    let time = status.st_mtim
    return ObjectInfo(
      uri: path, size: Int64(status.st_size), version: "\(time.tv_sec).\(time.tv_nsec)-\(status.st_ino)")
  }

  private func walk(_ folder: String, _ status: stat, _ takes: (String) -> Bool) throws -> [ObjectInfo] {
    var objects: [ObjectInfo] = []
    try LocalStore.walk(folder, status, above: [], takes, into: &objects)
    return objects.sorted { $0.name < $1.name }
  }

  private struct FolderID: Hashable {
    let device: dev_t
    let inode: ino_t
  }

  private static func walk(
    _ folder: String, _ status: stat, above: [FolderID], _ takes: (String) -> Bool,
    into objects: inout [ObjectInfo]
  ) throws(StorageError) {
    let id = FolderID(device: status.st_dev, inode: status.st_ino)
    if above.contains(id) { return }
    guard above.count < LocalFolder.maxDepth else {
      throw .invalid(location: folder, message: "is nested over \(LocalFolder.maxDepth) folders deep")
    }
    for name in try LocalFolder.names(folder) where takes(name) {
      let path = LocalFolder.join(folder, name)
      // Gone between the listing and now: as if it had never been there.
      guard let link = try SystemCall.statusOfLink(path) else { continue }
      let target = link.isLink ? try SystemCall.status(path) : link
      if target.isFolder {
        try walk(path, target, above: above + [id], takes, into: &objects)
      } else if target.isFile {
        objects.append(try info(path, target))
      }
    }
  }
}
