import Glibc

/// The one way this target calls the operating system: interrupted calls are made again, and a failure becomes a
/// ``StorageError`` that names the place, what was tried, and the system's reason.
enum SystemCall {
  /// - Parameter call: Returns a negative number and sets `errno` where it fails.
  @discardableResult
  static func check<Result: SignedInteger>(
    _ place: String, _ action: String, _ call: () -> Result
  ) throws(StorageError) -> Result {
    while true {
      let result = call()
      if result >= 0 { return result }
      let code = errno
      if code != EINTR { throw failure(code, place, action) }
    }
  }

  static func failure(_ code: CInt, _ place: String, _ action: String) -> StorageError {
    let message = "cannot \(action): \(String(cString: strerror(code)))"
    return switch code {
    case ENOENT, ENOTDIR: .notFound(place: place, message: message)
    // Nothing here changes by trying again on another worker or later.
    case EACCES, EPERM, EROFS, EISDIR, EEXIST, ENOTEMPTY, ELOOP, ENAMETOOLONG, EINVAL, EXDEV, EFBIG, ENOTSUP:
      .invalid(place: place, message: message)
    default: .transient(place: place, message: message)
    }
  }

  /// The folder that relative paths of this process start from.
  static func workingDirectory() throws(StorageError) -> String {
    guard let path = getcwd(nil, 0) else { throw failure(errno, ".", "find the working directory") }
    defer { free(path) }
    return String(cString: path)
  }

  /// Follows symbolic links.
  static func status(_ path: String) throws(StorageError) -> stat {
    var status = stat()
    try check(path, "look at it") { stat(path, &status) }
    return status
  }

  /// The status of the link itself; nil where there is nothing at that path.
  static func statusOfLink(_ path: String) throws(StorageError) -> stat? {
    var status = stat()
    do {
      try check(path, "look at it") { lstat(path, &status) }
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
