import CLinux
import Glibc

/// The commit on local disk: everything is put together in a folder beside the output, and the whole folder is swapped in
/// with one rename.
final class LocalCommit: OutputCommit {
  private let staging: StagingArea
  private let output: String
  /// The staging folder: `attempts/` for the workers, `output/` for what is to be swapped in, and the owner's mark.
  private let folder: String
  private var lock: OutputLock?

  init(_ staging: StagingArea) throws(StorageError) {
    self.staging = staging
    output = staging.output
    folder = try staging.localFolder()
  }

  /// Where the output is a link to a folder, what it points to is replaced, not the link.
  static func canonical(_ path: String) throws(StorageError) -> String {
    guard try SystemCall.statusOfLink(path)?.isLink == true, let real = realpath(path, nil) else {
      return path
    }
    defer { free(real) }
    return String(cString: real)
  }

  func begin(waits: (String) -> Void) throws {
    let parent = LocalFolder.parent(of: output)
    try LocalFolder.create(parent)
    let lock = try OutputLock(output: output, run: staging.run)
    _ = try isThere()
    removeLeftovers(in: parent)
    try LocalFolder.create(folder)
    self.lock = lock
    try put(
      Array(output.utf8), into: LocalSink(path: folder + "/" + LocalCommit.ownerFile, durability: .any))
    try LocalFolder.create(try staging.attemptsFolder())
  }

  func publish(_ commit: Commit) throws {
    guard lock != nil else {
      throw StorageError.invalid(place: output, message: "published without begin, or a second time")
    }
    let product = folder + "/output"
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
      try SystemCall.check(path, "link the earlier file") { link(output + "/" + name, path) }
      folders.insert(LocalFolder.parent(of: path))
    }
    for folder in folders.sorted() { try LocalFolder.sync(folder) }
    try put(commit.manifest, into: LocalSink(path: product + "/" + Manifest.fileName))
    try install(product)
    // The old output is where the new one was. Its manifest goes first: a reader that has it open must not take the rest
    // for complete.
    try? LocalFolder.remove(product + "/" + Manifest.fileName)
    abort()
  }

  func abort() {
    guard lock != nil else { return }
    // Attempts that are only now being stopped may still make files. They find no folder for them from here on, so what is
    // being removed does not fill again; a second look is for the file that was on its way.
    if let attempts = try? staging.attemptsFolder() {
      try? LocalFolder.rename(attempts, to: folder + "/ended")
    }
    for _ in 0..<3 where (try? LocalCommit.discard(folder)) == nil {}
    lock = nil
  }

  /// Moves an attempt's file into the product. The driver believes a worker's word about a file only after looking.
  private func take(_ file: StagedFile, to path: String, durable: Bool) throws {
    try StagingArea.check(name: file.name)
    guard file.staged.hasPrefix(try staging.attemptsFolder() + "/"),
      !file.staged.split(separator: "/").contains("..")
    else {
      throw StorageError.invalid(place: file.staged, message: "is not in the staging area of \(output)")
    }
    guard let status = try SystemCall.statusOfLink(file.staged), status.isFile else {
      throw StorageError.notFound(
        place: file.staged,
        message: "a task wrote it, but it is not here; do workers and driver share this disk?")
    }
    guard status.st_size == file.bytes else {
      throw StorageError.corrupt(
        place: file.staged, message: "is \(status.st_size) bytes long, the task wrote \(file.bytes)")
    }
    if durable { try LocalFile(file.staged, flags: O_RDONLY, action: "open the task's file").sync() }
    try LocalFolder.create(LocalFolder.parent(of: path))
    try LocalFolder.rename(file.staged, to: path)
  }

  private func install(_ product: String) throws {
    let done =
      try isThere() ? swiftlet_rename_exchange(product, output) : swiftlet_rename_new(product, output)
    if done != 0 {
      switch errno {
      case EINVAL, ENOSYS, ENOTSUP:
        // This file system (NFS …) has only the plain rename: for a moment there is no output at all, but never a mix.
        let previous = folder + "/previous"
        let replaces = try isThere()
        if replaces { try LocalFolder.rename(output, to: previous) }
        do {
          try LocalFolder.rename(product, to: output)
        } catch {
          if replaces { try? LocalFolder.rename(previous, to: output) }
          throw error
        }
      case EBUSY, EXDEV: throw mountPoint
      case let code:
        throw SystemCall.failure(code, output, "put the new output in place")
      }
    }
    try LocalFolder.sync(LocalFolder.parent(of: output))
  }

  /// Whether there is an output already, empty or written by us.
  /// - Throws: `StorageError.invalid` where it holds what would be lost by replacing it.
  private func isThere() throws -> Bool {
    guard let status = try SystemCall.statusOfLink(output) else { return false }
    guard status.isFolder else {
      throw StorageError.invalid(place: output, message: "is a file; expected a folder for the output")
    }
    guard try SystemCall.status(LocalFolder.parent(of: output)).st_dev == status.st_dev else {
      throw mountPoint
    }
    let names = try LocalFolder.files(below: output)
    if names.isEmpty { return true }
    let manifest = try OutputFolder(output).manifest()
    let ours = Set((manifest?.files ?? []).map(\.name) + (manifest?.sideFiles ?? []).map(\.name))
    if let foreign = names.first(where: {
      !ours.contains($0) && (manifest == nil || $0 != Manifest.fileName) && $0 != Manifest.rejectedFile
    }) {
      throw StorageError.invalid(
        place: output,
        message: "holds '\(foreign)', which no complete run wrote and a new output would remove; "
          + "move or delete it, or choose another output folder")
    }
    return true
  }

  private var mountPoint: StorageError {
    .invalid(
      place: output, message: "cannot be replaced as a whole: it is a mount point; write to a folder below it"
    )
  }

  /// Removes the staging folders of dead runs. Whoever holds the lock of this output knows that no run of it lives; the mark tells
  /// that a folder is of this output and not of one with a similar name.
  private func removeLeftovers(in parent: String) {
    let prefix = ".\(LocalFolder.name(of: output))."
    for name in (try? LocalFolder.names(parent)) ?? []
    where name.hasPrefix(prefix) && name.hasSuffix(".staging") {
      let path = LocalFolder.join(parent, name)
      let owner = try? ObjectStores.contents(of: path + "/" + LocalCommit.ownerFile, limit: 1 << 16)
      // A run that was killed before it had written its mark has left nothing but that.
      let isUnmarked = (try? LocalFolder.names(path).allSatisfy { $0.hasPrefix(".swiftlet-") }) ?? false
      if owner == Array(output.utf8) || isUnmarked { try? LocalCommit.discard(path) }
    }
  }

  /// Removes a staging folder, its mark last: what a kill in the middle leaves is still known as ours.
  private static func discard(_ path: String) throws(StorageError) {
    guard try SystemCall.statusOfLink(path) != nil else { return }
    for name in try LocalFolder.names(path) where name != ownerFile {
      try LocalFolder.remove(LocalFolder.join(path, name))
    }
    try LocalFolder.remove(path)
  }

  private func put(_ bytes: [UInt8], into sink: any ByteSink) throws {
    try bytes.withUnsafeBytes { try sink.write($0) }
    try sink.close()
  }

  private static let ownerFile = ".owner"
}
