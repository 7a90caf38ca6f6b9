import Glibc

/// Calls the operating system: repeats interrupted calls, and turns a failure into a ``StorageError`` with the path, the action and the
/// system's reason.
enum SystemCall {
  /// - Parameter call: Returns a negative number and sets `errno` when it fails.
  @discardableResult
  static func check<Result: SignedInteger>(
    _ location: String, _ action: String, _ call: () -> Result
  ) throws(StorageError) -> Result {
    while true {
      let result = call()
      if result >= 0 { return result }
      let code = errno
      if code != EINTR { throw failure(code, location, action) }
    }
  }

  static func failure(_ code: CInt, _ location: String, _ action: String) -> StorageError {
    let message = "cannot \(action): \(String(cString: strerror(code)))"
    return switch code {
    case ENOENT, ENOTDIR: .notFound(location: location, message: message)
    // Trying again, here or on another worker, would not help.
    case EACCES, EPERM, EROFS, EISDIR, EEXIST, ENOTEMPTY, ELOOP, ENAMETOOLONG, EINVAL, EXDEV, EFBIG, ENOTSUP:
      .invalid(location: location, message: message)
    default: .transient(location: location, message: message)
    }
  }

  static func workingDirectory() throws(StorageError) -> String {
    guard let path = getcwd(nil, 0) else { throw failure(errno, ".", "find the working directory") }
    defer { free(path) }
    return String(cString: path)
  }

  /// Follows symbolic links.
  static func status(_ path: String) throws(StorageError) -> stat {
    var status = stat()
    try check(path, "read its status") { stat(path, &status) }
    return status
  }

  /// The status of the link itself; nil if there is nothing at that path.
  static func statusOfLink(_ path: String) throws(StorageError) -> stat? {
    var status = stat()
    do {
      try check(path, "read its status") { lstat(path, &status) }
    } catch .notFound {
      return nil
    }
    return status
  }
}

extension stat {
  var isFile: Bool { st_mode & S_IFMT == S_IFREG }
  var isFolder: Bool { st_mode & S_IFMT == S_IFDIR }
  var isLink: Bool { st_mode & S_IFMT == S_IFLNK }
}
