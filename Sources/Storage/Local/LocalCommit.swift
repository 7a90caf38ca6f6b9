import CLinux
import Glibc

/// The commit on local disk. Task attempts write to a folder beside the output, `.<output>.<run>.staging/`, each to a folder of its own, so
/// the output does not change before it is published and a late attempt cannot touch it. The new output is put together there and
/// swapped in with one rename of the whole folder.
final class LocalCommit: OutputCommit {
  private let output: String
  private let run: String
  /// The staging folder: `attempts/` for the workers, `output/` for the new output, and the owner mark.
  private let folder: String
  private var lock: LocalLock?

  private var attempts: String { folder + "/attempts" }
  private var product: String { folder + "/output" }

  init(_ staging: StagingArea) {
    output = staging.output
    run = staging.run
    folder = LocalFolder.join(
      LocalFolder.parent(of: output), ".\(LocalFolder.name(of: output)).\(staging.run).staging")
  }

  func stage(_ name: String, attempt: String, tag: String) throws(StorageError) -> StagedSink {
    guard let status = try SystemCall.statusOfLink(attempts), status.isFolder else {
      throw .invalid(
        location: attempts,
        message: "the staging folder does not exist: the run is over, or this worker does not share the "
          + "driver's disk (write to an object store instead)")
    }
    // '/' is the one character of an attempt's text that a folder name cannot hold.
    let below = attempt.split(separator: "/", omittingEmptySubsequences: false).joined(separator: "+")
    let path = "\(attempts)/\(below)/\(name)"
    // Never the staging folder itself: an attempt that outlives the run must not bring it back.
    try LocalFolder.create(LocalFolder.parent(of: "\(below)/\(name)"), in: attempts)
    // The commit makes it durable: once for all files, and no slot waits for a disk.
    let sink = try LocalSink(path: path, durability: .begun, makesFolders: false)
    return StagedSink(name: name, sink: sink) { (path, []) }
  }

  func begin(waits: (String) -> Void) throws {
    let parent = LocalFolder.parent(of: output)
    try LocalFolder.create(parent)
    let lock = try LocalLock.output(output, run: run)
    _ = try outputExists()
    removeLeftovers(in: parent)
    try LocalFolder.create(folder)
    self.lock = lock
    let mark = try LocalSink(path: folder + "/" + LocalCommit.ownerFile, durability: .any)
    try mark.closing { try mark.write(output) }
    try LocalFolder.create(attempts)
  }

  func publish(_ commit: Commit) throws {
    guard lock != nil else {
      throw StorageError.invalid(location: output, message: "published without begin, or a second time")
    }
    try LocalFolder.create(product)
    var folders: Set<String> = [product]
    for file in commit.files {
      let path = product + "/" + file.name
      try take(file, to: path, durable: commit.isDurable)
      folders.insert(LocalFolder.parent(of: path))
    }
    for name in commit.kept {
      let path = product + "/" + name
      try LocalFolder.create(LocalFolder.parent(of: path))
      try SystemCall.check(path, "link the existing file") { link(output + "/" + name, path) }
      folders.insert(LocalFolder.parent(of: path))
    }
    for folder in folders.sorted() { try LocalFolder.sync(folder) }
    let manifest = try LocalSink(path: product + "/" + Manifest.fileName)
    try manifest.closing { try manifest.write(commit.manifest) }
    try install(product)
    // The old output is where the new one was. Its manifest goes first: a reader that still lists that folder must not take the rest for
    // complete.
    try? LocalFolder.remove(product + "/" + Manifest.fileName)
    abort()
  }

  func abort() {
    guard lock != nil else { return }
    // Attempts that are still being stopped may create files. After the rename they find no folder to create them in; the second pass
    // is for a file that was just being created.
    try? LocalFolder.rename(attempts, to: folder + "/ended")
    for _ in 0..<3 where (try? LocalCommit.discard(folder)) == nil {}
    lock = nil
  }

  /// Moves an attempt's file into the new output. Checks what the worker says of it.
  private func take(_ file: StagedFile, to path: String, durable: Bool) throws {
    try StagingArea.check(name: file.name)
    guard let below = ObjectName.relative(file.staged, to: attempts), !ObjectName.parts(below).contains("..")
    else {
      throw StorageError.invalid(location: file.staged, message: "is outside the staging folder of \(output)")
    }
    guard let status = try SystemCall.statusOfLink(file.staged), status.isFile else {
      throw StorageError.notFound(
        location: file.staged,
        message: "was written by a task but does not exist here; do workers and driver share this disk?")
    }
    guard status.st_size == file.bytes else {
      throw StorageError.corrupt(
        location: file.staged, message: "has \(status.st_size) bytes; the task wrote \(file.bytes)")
    }
    if durable { try LocalFile(file.staged, flags: O_RDONLY, action: "open").sync() }
    try LocalFolder.create(LocalFolder.parent(of: path))
    try LocalFolder.rename(file.staged, to: path)
  }

  private func install(_ product: String) throws {
    let done =
      try outputExists() ? swiftlet_rename_exchange(product, output) : swiftlet_rename_new(product, output)
    if done != 0 {
      switch errno {
      case EINVAL, ENOSYS, ENOTSUP:
        // This file system (NFS …) has only the plain rename: for a moment there is no output, but never a mix of two.
        let previous = folder + "/previous"
        let replaces = try outputExists()
        if replaces { try LocalFolder.rename(output, to: previous) }
        do {
          try LocalFolder.rename(product, to: output)
        } catch {
          if replaces { try? LocalFolder.rename(previous, to: output) }
          throw error
        }
      case EBUSY, EXDEV: throw mountPoint
      case let code:
        throw SystemCall.failure(code, output, "rename the new output to it")
      }
    }
    try LocalFolder.sync(LocalFolder.parent(of: output))
  }

  /// Whether there is an output already, empty or written by us.
  /// - Throws: `StorageError.invalid` if replacing it would remove other files.
  private func outputExists() throws -> Bool {
    guard let status = try SystemCall.statusOfLink(output) else { return false }
    guard status.isFolder else {
      throw StorageError.invalid(location: output, message: "is a file; expected a folder for the output")
    }
    guard try SystemCall.status(LocalFolder.parent(of: output)).st_dev == status.st_dev else {
      throw mountPoint
    }
    let names = try LocalFolder.files(below: output)
    if names.isEmpty { return true }
    let ours = try OutputFolder(output).manifest()?.owned ?? []
    if let foreign = names.first(where: { !ours.contains(ObjectName($0)) && $0 != Manifest.rejectedFile }) {
      throw OutputRule.foreignFile(foreign, in: output)
    }
    return true
  }

  private var mountPoint: StorageError {
    .invalid(
      location: output,
      message: "is a mount point and cannot be replaced as a whole; write to a folder below it")
  }

  /// Removes the staging folders of dead runs; the caller holds the lock, so no other run of this output is alive. The owner mark tells a folder of
  /// this output from that of an output with a similar name.
  private func removeLeftovers(in parent: String) {
    let prefix = ".\(LocalFolder.name(of: output))."
    for name in (try? LocalFolder.names(parent)) ?? []
    where name.hasPrefix(prefix) && name.hasSuffix(".staging") {
      let path = LocalFolder.join(parent, name)
      let owner = try? ObjectStores.contents(of: path + "/" + LocalCommit.ownerFile, limit: 1 << 16)
      // A run killed before it wrote its mark left nothing else.
      let isUnmarked = (try? LocalFolder.names(path).allSatisfy { $0.hasPrefix(".swiftlet-") }) ?? false
      if owner == Array(output.utf8) || isUnmarked { try? LocalCommit.discard(path) }
    }
  }

  /// Removes a staging folder, its mark last, so that a run killed halfway leaves a folder the next one recognizes.
  private static func discard(_ path: String) throws(StorageError) {
    guard try SystemCall.statusOfLink(path) != nil else { return }
    for name in try LocalFolder.names(path) where name != ownerFile {
      try LocalFolder.remove(LocalFolder.join(path, name))
    }
    try LocalFolder.remove(path)
  }

  private static let ownerFile = ".owner"
}
