import CLinux
import Glibc

/// An open file, closed at the end of its life. One thread at a time.
final class LocalFile {
  let path: String
  private var descriptor: CInt

  /// - Parameter mode: Permissions of a file that `flags` create, before the umask.
  init(_ path: String, flags: CInt, mode: mode_t = 0o666, action: String) throws(StorageError) {
    self.path = path
    descriptor = try SystemCall.check(path, action) { Glibc.open(path, flags | O_CLOEXEC, mode) }
  }

  deinit { close() }

  func close() {
    // Not repeated after EINTR: Linux has released the descriptor by then.
    if descriptor >= 0 { _ = Glibc.close(descriptor) }
    descriptor = -1
  }

  func status() throws(StorageError) -> stat {
    var status = stat()
    try SystemCall.check(path, "look at it") { fstat(descriptor, &status) }
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
    try SystemCall.check(path, "empty") { ftruncate(descriptor, 0) }
  }

  /// Waits until the bytes (of a folder: the names) are on the disk.
  func sync() throws(StorageError) {
    try SystemCall.check(path, "make it durable") { fsync(descriptor) }
  }

  /// Lets the disk begin with what was written, for a later ``sync()``. Only a hint: not every file system takes it.
  func beginSync() { swiftlet_begin_sync(descriptor) }

  /// Takes the lock of this file, which ends with the descriptor, so with the process too.
  /// - Returns: False where another descriptor holds it.
  func tryLock() throws(StorageError) -> Bool {
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      let code = errno
      if code == EWOULDBLOCK { return false }
      if code != EINTR { throw SystemCall.failure(code, path, "lock") }
    }
    return true
  }
}
