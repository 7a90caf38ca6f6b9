import Glibc

/// Operations on folders of the local disk, and on paths.
enum LocalFolder {
  /// More than anyone nests, and few enough for the stack.
  static let maxDepth = 128

  /// The names in a folder without `.` and `..`, ordered by their bytes.
  static func names(_ path: String) throws(StorageError) -> [String] {
    guard let folder = opendir(path) else { throw SystemCall.failure(errno, path, "list") }
    defer { closedir(folder) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(folder) else {
        let code = errno
        if code != 0 { throw SystemCall.failure(code, path, "list") }
        return names.sorted(by: ObjectName.precedes)
      }
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: $0.pointee)) {
          String(validatingCString: $0)
        }
      }
      guard let name else {
        throw .invalid(location: path, message: "contains a file name that is not UTF-8")
      }
      if name != ".", name != ".." { names.append(name) }
    }
  }

  /// Creates the folder and those above it.
  static func create(_ path: String) throws(StorageError) {
    if mkdir(path, 0o777) == 0 { return }
    let code = errno
    switch code {
    case EEXIST:
      guard try SystemCall.status(path).isFolder else {
        throw .invalid(location: path, message: "is a file; expected a folder")
      }
    case ENOENT:
      let parent = parent(of: path)
      guard parent != path else { throw SystemCall.failure(code, path, "create the folder") }
      try create(parent)
      // Another thread may have created it meanwhile.
      if mkdir(path, 0o777) != 0, errno != EEXIST {
        throw SystemCall.failure(errno, path, "create the folder")
      }
    default:
      throw SystemCall.failure(code, path, "create the folder")
    }
  }

  /// Creates the folder `root/below`, but never `root` itself.
  static func create(_ below: String, in root: String) throws(StorageError) {
    var path = root
    for part in ObjectName.parts(below) {
      path = join(path, String(part))
      if mkdir(path, 0o777) != 0, errno != EEXIST {
        throw SystemCall.failure(errno, path, "create the folder")
      }
    }
  }

  /// Removes the file, link or whole tree at `path`, if there is one. Never follows links.
  static func remove(_ path: String, depth: Int = 0) throws(StorageError) {
    guard let status = try SystemCall.statusOfLink(path) else { return }
    guard status.isFolder else {
      if unlink(path) != 0, errno != ENOENT { throw SystemCall.failure(errno, path, "remove") }
      return
    }
    guard depth < maxDepth else {
      throw .invalid(location: path, message: "is nested over \(maxDepth) folders deep")
    }
    for name in try names(path) { try remove(join(path, name), depth: depth + 1) }
    if rmdir(path) != 0, errno != ENOENT { throw SystemCall.failure(errno, path, "remove") }
  }

  /// Everything below the folder that is not a folder, as relative paths ordered by their bytes. Leaves out names that begin with `.`;
  /// does not follow links.
  static func files(below path: String, depth: Int = 0) throws(StorageError) -> [String] {
    guard depth < maxDepth else {
      throw .invalid(location: path, message: "is nested over \(maxDepth) folders deep")
    }
    var files: [String] = []
    for name in try names(path) where name.utf8.first != UInt8(ascii: ".") {
      let inner = join(path, name)
      guard let status = try SystemCall.statusOfLink(inner) else { continue }
      if status.isFolder {
        for file in try self.files(below: inner, depth: depth + 1) { files.append(name + "/" + file) }
      } else {
        files.append(name)
      }
    }
    return files.sorted(by: ObjectName.precedes)
  }

  static func rename(_ from: String, to: String) throws(StorageError) {
    try SystemCall.check(to, "rename a new file to it") { Glibc.rename(from, to) }
  }

  /// Makes the names in the folder durable.
  static func sync(_ path: String) throws(StorageError) {
    try LocalFile(path, flags: O_RDONLY | O_DIRECTORY, action: "open the folder").sync()
  }

  /// An absolute path with symbolic links followed, as far as it exists.
  static func real(_ path: String) -> String {
    var known = path[...]
    while !known.isEmpty {
      let rest = path[known.endIndex...]
      if let resolved = realpath(String(known), nil) {
        defer { free(resolved) }
        let folder = String(cString: resolved)
        return folder == "/" && !rest.isEmpty ? String(rest) : folder + rest
      }
      known = known[..<(known.utf8.lastIndex(of: UInt8(ascii: "/")) ?? known.startIndex)]
    }
    return path
  }

  static func join(_ folder: String, _ name: String) -> String {
    folder.hasSuffix("/") ? folder + name : folder + "/" + name
  }

  static func parent(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  static func name(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return path }
    return String(path[path.utf8.index(after: slash)...])
  }
}
