import Glibc

/// Folders of the local disk.
enum LocalFolder {
  /// How deep a tree may be: far more than anyone nests, and few enough for the stack.
  static let maxDepth = 128

  /// The names in a folder without `.` and `..`, in the order of their bytes.
  static func names(_ path: String) throws(StorageError) -> [String] {
    guard let folder = opendir(path) else { throw SystemCall.failure(errno, path, "list") }
    defer { closedir(folder) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(folder) else {
        let code = errno
        if code != 0 { throw SystemCall.failure(code, path, "list") }
        return names.sorted(by: precedes)
      }
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: $0.pointee)) {
          String(validatingCString: $0)
        }
      }
      guard let name else {
        throw .invalid(place: path, message: "holds a name that is not UTF-8")
      }
      if name != ".", name != ".." { names.append(name) }
    }
  }

  /// Makes the folder and those above it.
  static func create(_ path: String) throws(StorageError) {
    if mkdir(path, 0o777) == 0 { return }
    let code = errno
    switch code {
    case EEXIST:
      guard try SystemCall.status(path).isFolder else {
        throw .invalid(place: path, message: "is in the way: expected a folder")
      }
    case ENOENT:
      let parent = parent(of: path)
      guard parent != path else { throw SystemCall.failure(code, path, "make the folder") }
      try create(parent)
      // Another thread may have made it meanwhile.
      if mkdir(path, 0o777) != 0, errno != EEXIST { throw SystemCall.failure(errno, path, "make the folder") }
    default:
      throw SystemCall.failure(code, path, "make the folder")
    }
  }

  /// Removes the file, link or whole tree at `path`; what is gone already is no error. Links are never followed.
  static func remove(_ path: String, depth: Int = 0) throws(StorageError) {
    guard let status = try SystemCall.statusOfLink(path) else { return }
    guard status.isFolder else {
      if unlink(path) != 0, errno != ENOENT { throw SystemCall.failure(errno, path, "remove") }
      return
    }
    guard depth < maxDepth else {
      throw .invalid(place: path, message: "is nested over \(maxDepth) folders deep")
    }
    for name in try names(path) { try remove(join(path, name), depth: depth + 1) }
    if rmdir(path) != 0, errno != ENOENT { throw SystemCall.failure(errno, path, "remove") }
  }

  /// The paths, relative to the folder, of all that is below it and no folder, in the order of their bytes. Names that begin with
  /// `.` are left out; links are not followed.
  static func files(below path: String, depth: Int = 0) throws(StorageError) -> [String] {
    guard depth < maxDepth else {
      throw .invalid(place: path, message: "is nested over \(maxDepth) folders deep")
    }
    var files: [String] = []
    for name in try names(path) where !name.hasPrefix(".") {
      let inner = join(path, name)
      guard let status = try SystemCall.statusOfLink(inner) else { continue }
      if status.isFolder {
        for file in try self.files(below: inner, depth: depth + 1) { files.append(name + "/" + file) }
      } else {
        files.append(name)
      }
    }
    return files.sorted(by: precedes)
  }

  static func rename(_ from: String, to: String) throws(StorageError) {
    try SystemCall.check(to, "put the new file in place") { Glibc.rename(from, to) }
  }

  /// Makes the names in the folder durable.
  static func sync(_ path: String) throws(StorageError) {
    try LocalFile(path, flags: O_RDONLY | O_DIRECTORY, action: "open the folder").sync()
  }

  static func join(_ folder: String, _ name: String) -> String {
    folder.hasSuffix("/") ? folder + name : folder + "/" + name
  }

  static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  static func name(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return path }
    return String(path[path.index(after: slash)...])
  }

  /// The order of bytes, which is also that of S3 listings; `<` of strings follows Unicode instead.
  static func precedes(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }
}
