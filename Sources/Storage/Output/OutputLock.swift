import Glibc

/// At most one run writes an output folder. The lock is the kernel's, on a file beside the folder, so it ends with the process
/// that holds it, however it ends.
final class OutputLock {
  private let file: LocalFile

  /// - Parameter run: Written into the file, for whoever finds the output locked.
  init(output: String, run: String) throws {
    let path = LocalFolder.join(LocalFolder.parent(of: output), ".\(LocalFolder.name(of: output)).lock")
    while true {
      let file = try LocalFile(path, flags: O_RDWR | O_CREAT, action: "lock the output folder with")
      guard try file.tryLock() else {
        var holder = [UInt8](repeating: 0, count: 256)
        let count = (try? holder.withUnsafeMutableBytes { try file.read(at: 0, into: $0) }) ?? 0
        throw StorageError.invalid(
          place: output,
          message: "another run is writing it (\(String(decoding: holder.prefix(count), as: UTF8.self))); "
            + "wait for its end")
      }
      // The last holder may have removed the file between our open and our lock: then it is a lock on nothing.
      let mine = try file.status()
      guard let there = try SystemCall.statusOfLink(path), there.st_ino == mine.st_ino,
        there.st_dev == mine.st_dev
      else { continue }
      self.file = file
      try file.truncate()
      try Array("run \(run), process \(getpid())".utf8).withUnsafeBytes { try file.write($0) }
      return
    }
  }

  deinit {
    _ = unlink(file.path)
    file.close()
  }
}
