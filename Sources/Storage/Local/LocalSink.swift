import Glibc

/// Writes a local file under a temporary name beside it, which `close` renames to the final one.
package final class LocalSink: ByteSink {
  /// When the bytes are on disk.
  package enum Durability {
    /// Once `close` returns, with the name.
    case closed
    /// After a later ``LocalFile/sync()``; `close` only starts the write. Network file systems send everything to their server on close.
    case begun
    /// Whenever the system writes them.
    case any
  }

  private enum State { case open, closed, aborted }

  private let path: String
  private let temporary: String
  private let durability: Durability
  private let file: LocalFile
  private let buffer: UnsafeMutableRawBufferPointer
  private var used = 0
  private var state = State.open

  /// - Parameter makesFolders: Whether to create missing folders above the file.
  package init(
    path: String, durability: Durability = .closed, makesFolders: Bool = true,
    bufferBytes: Int = 256 << 10
  ) throws(StorageError) {
    let folder = LocalFolder.parent(of: path)
    if let status = try SystemCall.statusOfLink(path), status.isFolder {
      throw .invalid(location: path, message: "is a folder; expected the name of a file to write")
    }
    if makesFolders { try LocalFolder.create(folder) }
    self.path = path
    self.durability = durability
    // Hidden from listings, and random because two processes may write the same file.
    temporary = "\(folder)/.swiftlet-\(UInt64.random(in: .min ... .max)).tmp"
    file = try LocalFile(temporary, flags: O_WRONLY | O_CREAT | O_EXCL, action: "create")
    buffer = .allocate(byteCount: max(1, bufferBytes), alignment: 64)
  }

  deinit {
    abort()
    buffer.deallocate()
  }

  package func write(_ bytes: UnsafeRawBufferPointer) throws {
    try expectOpen()
    if bytes.count > buffer.count - used { try flush() }
    if bytes.count >= buffer.count {
      try file.write(bytes)
    } else if !bytes.isEmpty {
      UnsafeMutableRawBufferPointer(rebasing: buffer[used...]).copyMemory(from: bytes)
      used += bytes.count
    }
  }

  package func close() throws {
    if state == .closed { return }
    try expectOpen()
    try flush()
    switch durability {
    case .closed: try file.sync()
    case .begun: file.beginSync()
    case .any: break
    }
    file.close()
    try LocalFolder.rename(temporary, to: path)
    state = .closed
    if durability == .closed { try LocalFolder.sync(LocalFolder.parent(of: path)) }
  }

  package func abort() {
    guard state == .open else { return }
    state = .aborted
    file.close()
    _ = unlink(temporary)
  }

  private func flush() throws {
    try file.write(UnsafeRawBufferPointer(rebasing: buffer[..<used]))
    used = 0
  }

  private func expectOpen() throws {
    guard state == .open else {
      throw StorageError.invalid(location: path, message: "was written to after it was closed or aborted")
    }
  }
}
