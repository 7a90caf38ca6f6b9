import CLinux
import Glibc

/// An open file, closed when the object goes. One thread at a time.
final class LocalFile {
  let path: String
  private var descriptor: CInt

  /// Files that `flags` create get the permissions of the umask.
  /// - Parameter action: For errors: "open".
  init(_ path: String, flags: CInt, action: String) throws(StorageError) {
    self.path = path
    descriptor = try SystemCall.check(path, action) { Glibc.open(path, flags | O_CLOEXEC, 0o666) }
  }

  deinit { close() }

  func close() {
    // Not repeated after EINTR: Linux has released the descriptor by then.
    if descriptor >= 0 { _ = Glibc.close(descriptor) }
    descriptor = -1
  }

  func status() throws(StorageError) -> stat {
    var status = stat()
    try SystemCall.check(path, "read its status") { fstat(descriptor, &status) }
    return status
  }

  /// - Returns: Bytes read; fewer than asked only at the end of the file.
  func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws(StorageError) -> Int {
    var done = 0
    while done < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
      let count = try SystemCall.check(path, "read") {
        pread(descriptor, rest.baseAddress, rest.count, Int(offset) + done)
      }
      if count == 0 { break }
      done += count
    }
    return done
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(StorageError) {
    var rest = bytes
    while !rest.isEmpty {
      let count = try SystemCall.check(path, "write") {
        Glibc.write(descriptor, rest.baseAddress, rest.count)
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }

  func truncate() throws(StorageError) {
    try SystemCall.check(path, "truncate") { ftruncate(descriptor, 0) }
  }

  /// Waits until the bytes, or the names of a folder, are on disk.
  func sync() throws(StorageError) {
    try SystemCall.check(path, "sync it to disk") { fsync(descriptor) }
  }

  /// Starts writing to disk, so that a later ``sync()`` is short. A hint that some file systems ignore.
  func beginSync() { swiftlet_begin_sync(descriptor) }

  /// Locks the file until its descriptor is closed, at the latest by the end of the process.
  /// - Returns: False if another descriptor holds the lock.
  func tryLock() throws(StorageError) -> Bool {
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      let code = errno
      if code == EWOULDBLOCK { return false }
      if code != EINTR { throw SystemCall.failure(code, path, "lock") }
    }
    return true
  }
}
