import Glibc

/// Files of the local disk (or of anything mounted there).
package struct LocalStore: ObjectStore {
  package init() {}

  /// Links to files and folders are followed; a link back to a folder above it adds nothing and is passed over, one that leads
  /// nowhere is an error. Sockets, pipes and devices are no objects.
  package func list(_ uri: String) throws -> [ObjectInfo] {
    let path = try LocalStore.path(uri)
    let status = try SystemCall.status(path)
    guard status.isFolder else { return [try LocalStore.info(path, status)] }
    var objects: [ObjectInfo] = []
    try LocalStore.walk(path, status, above: [], into: &objects)
    return objects.sorted { LocalFolder.precedes($0.uri, $1.uri) }
  }

  package func open(_ object: ObjectInfo) throws -> any ObjectReader {
    // Without O_NONBLOCK, a pipe put in place of the file would hold the thread for ever.
    let file = try LocalFile(try LocalStore.path(object.uri), flags: O_RDONLY | O_NONBLOCK, action: "open")
    let found = try LocalStore.info(file.path, try file.status())
    guard found.size == object.size, found.version == object.version else {
      throw StorageError.invalid(
        place: object.uri,
        message:
          "has changed since it was listed (\(object.size) bytes then, \(found.size) now); run the job again")
    }
    return LocalReader(object, file)
  }

  package func info(_ uri: String) throws -> ObjectInfo {
    let path = try LocalStore.path(uri)
    return try LocalStore.info(path, try SystemCall.status(path))
  }

  private static func path(_ uri: String) throws(StorageError) -> String {
    guard case .file(let path) = try ObjectURI(uri).resolved().location else {
      throw .invalid(place: uri, message: "is not a path of the local disk")
    }
    return path
  }

  private static func info(_ path: String, _ status: stat) throws(StorageError) -> ObjectInfo {
    guard status.isFile else {
      let what = status.isFolder ? "a folder" : "no regular file"
      throw .invalid(place: path, message: "is \(what); expected a file")
    }
    let time = status.st_mtim
    return ObjectInfo(
      uri: path, size: Int64(status.st_size), version: "\(time.tv_sec).\(time.tv_nsec)-\(status.st_ino)")
  }

  private struct FolderID: Hashable {
    let device: dev_t
    let inode: ino_t
  }

  private static func walk(
    _ folder: String, _ status: stat, above: [FolderID], into objects: inout [ObjectInfo]
  ) throws(StorageError) {
    let id = FolderID(device: status.st_dev, inode: status.st_ino)
    if above.contains(id) { return }
    guard above.count < LocalFolder.maxDepth else {
      throw .invalid(place: folder, message: "is nested over \(LocalFolder.maxDepth) folders deep")
    }
    for name in try LocalFolder.names(folder) where !name.hasPrefix("_") && !name.hasPrefix(".") {
      let path = LocalFolder.join(folder, name)
      // Gone between the listing and now: as if it had never been there.
      guard let link = try SystemCall.statusOfLink(path) else { continue }
      let target = link.isLink ? try SystemCall.status(path) : link
      if target.isFolder {
        try walk(path, target, above: above + [id], into: &objects)
      } else if target.isFile {
        objects.append(try info(path, target))
      }
    }
  }
}

/// Reads by position, so the file's own offset plays no part.
final class LocalReader: ObjectReader {
  let info: ObjectInfo
  private let file: LocalFile

  init(_ info: ObjectInfo, _ file: LocalFile) {
    self.info = info
    self.file = file
  }

  func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    guard offset >= 0 else {
      throw StorageError.invalid(place: info.uri, message: "cannot read at offset \(offset)")
    }
    // A file that grew since it was listed is read as it was listed.
    guard offset < info.size else { return 0 }
    let count = min(buffer.count, Int(info.size - offset))
    let done = try file.read(at: offset, into: .init(rebasing: buffer[..<count]))
    guard done == count else {
      throw StorageError.invalid(
        place: info.uri,
        message: "became shorter while it was read: ends at \(offset + Int64(done)) of \(info.size)")
    }
    return done
  }
}
