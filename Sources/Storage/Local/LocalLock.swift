import Glibc

/// An exclusive lock named after a file or folder. The kernel holds it on a hidden file beside that path, so it ends with the process
/// that holds it, however that ends.
final class LocalLock {
  private let file: LocalFile

  /// - Parameter path: What the lock is for; it need not exist.
  /// - Returns: nil where another process or thread has the lock.
  private init?(beside path: String) throws(StorageError) {
    let path = LocalLock.path(beside: path)
    while true {
      let file = try LocalFile(path, flags: O_RDWR | O_CREAT, action: "lock")
      guard try file.tryLock() else { return nil }
      // The last holder may have removed the file between our open and our lock: then it is a lock on nothing.
      let mine = try file.status()
      guard let there = try SystemCall.statusOfLink(path), there.st_ino == mine.st_ino,
        there.st_dev == mine.st_dev
      else { continue }
      self.file = file
      return
    }
  }

  /// The lock of an output folder.
  /// - Parameter run: Written into the file, for whoever finds the output locked.
  /// - Throws: `StorageError.invalid` where another run has it.
  static func output(_ output: String, run: String) throws(StorageError) -> LocalLock {
    guard let lock = try LocalLock(beside: output) else {
      throw .invalid(
        location: output, message: "another run is writing it (\(holder(beside: output))); wait until it ends"
      )
    }
    try lock.file.truncate()
    let text = Array("run \(run), process \(getpid())".utf8)
    do {
      try text.withUnsafeBytes { try lock.file.write($0) }
    } catch {
      throw error as? StorageError ?? .transient(location: output, message: "\(error)")
    }
    return lock
  }

  /// The lock of a small file that is being replaced; waits for the moment that takes.
  static func waiting(beside path: String) throws(StorageError) -> LocalLock {
    for _ in 0..<1000 {
      if let lock = try LocalLock(beside: path) { return lock }
      usleep(10_000)
    }
    throw .transient(location: path, message: "is locked by another process")
  }

  deinit {
    _ = unlink(file.path)
    file.close()
  }

  private static func path(beside path: String) -> String {
    LocalFolder.join(LocalFolder.parent(of: path), ".\(LocalFolder.name(of: path)).lock")
  }

  private static func holder(beside path: String) -> String {
    var bytes = [UInt8](repeating: 0, count: 256)
    guard let file = try? LocalFile(self.path(beside: path), flags: O_RDONLY, action: "open"),
      let count = try? bytes.withUnsafeMutableBytes({ try file.read(at: 0, into: $0) })
    else { return "unknown" }
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }
}
