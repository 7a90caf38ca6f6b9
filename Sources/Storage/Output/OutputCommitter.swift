import CLinux
import Glibc

/// Publishes the output of one run, once: the driver's half of the commit. Blocking; one thread at a time.
///
/// `begin` locks the output and makes the staging area that attempts write to; `publish` puts the winners' files together and
/// swaps the whole folder in with one rename, so whoever lists the output finds the old one or the new one, complete,
/// never parts of both; `abort` leaves the output as it was.
package final class OutputCommitter {
  /// For the workers.
  package let staging: StagingArea

  private let output: String
  /// The staging folder: `attempts/` for the workers, `output/` for what is to be swapped in, and the owner's mark.
  private let folder: String
  private let appends: Bool
  private var lock: OutputLock?

  /// - Parameters:
  ///   - output: The URI of the folder.
  ///   - run: See ``StagingArea/run``.
  ///   - appends: Whether what is there stays, and the new files come beside it.
  package init(output: String, run: String, appends: Bool = false) throws {
    self.appends = appends
    var staging = try StagingArea(output: output, run: run)
    folder = try staging.localFolder()
    // Where the output is a link to a folder, what it points to is replaced, not the link.
    if try SystemCall.statusOfLink(staging.output)?.isLink == true, let real = realpath(staging.output, nil) {
      defer { free(real) }
      staging = try StagingArea(output: String(cString: real), run: run)
    }
    self.staging = staging
    self.output = staging.output
  }

  deinit { abort() }

  /// - Throws: `StorageError.invalid` where another run is writing this output, or where it holds files that are not ours.
  /// - Returns: The manifest of the output as it is.
  @discardableResult
  package func begin() throws -> Manifest? {
    let parent = LocalFolder.parent(of: output)
    try LocalFolder.create(parent)
    let lock = try OutputLock(output: output, run: staging.run)
    _ = try isThere()
    removeLeftovers(in: parent)
    try LocalFolder.create(folder)
    self.lock = lock
    try put(
      Array(output.utf8), into: LocalSink(path: folder + "/" + OutputCommitter.ownerFile, durable: false))
    try LocalFolder.create(try staging.attemptsFolder())
    return try OutputFolder(output).manifest()
  }

  /// Writes a small file of the driver's own (`_model.json`), to be published with the others.
  package func stage(name: String, bytes: [UInt8], rows: Int = 0) throws -> StagedFile {
    let sink = try staging.create(name: name, attempt: "driver")
    try put(bytes, into: sink)
    return try sink.stagedFile(rows: rows)
  }

  /// Puts the output in place and ends the run. Where this throws, the output is as it was before.
  /// - Parameters:
  ///   - files: One attempt's file of each name: the data. What other attempts wrote is dropped.
  ///   - sideFiles: Files that are no data (their names begin with `_`).
  ///   - manifest: What it says of files is filled in here.
  /// - Returns: The manifest as published.
  @discardableResult
  package func publish(
    files: [StagedFile], sideFiles: [StagedFile] = [], manifest: Manifest
  ) throws -> Manifest {
    guard lock != nil else {
      throw StorageError.invalid(place: output, message: "published without begin, or a second time")
    }
    let product = folder + "/output"
    try LocalFolder.create(product)
    var names: Set<String> = []
    var folders: Set<String> = [product]
    for file in files + sideFiles {
      guard names.insert(file.name).inserted else {
        throw StorageError.invalid(place: output, message: "two files of one name: \(file.name)")
      }
      let path = product + "/" + file.name
      try take(file, to: path)
      folders.insert(LocalFolder.parent(of: path))
    }
    var manifest = manifest
    manifest.fill(files: files, sideFiles: sideFiles)
    if appends, let old = try OutputFolder(output).manifest() {
      // The same file under two names: the old folder stays whole until the new one is in its place.
      for file in old.files + old.sideFiles {
        guard names.insert(file.name).inserted else {
          throw StorageError.invalid(place: output, message: "two files of one name: \(file.name)")
        }
        let path = product + "/" + file.name
        try LocalFolder.create(LocalFolder.parent(of: path))
        try SystemCall.check(path, "keep the file") { link(output + "/" + file.name, path) }
        folders.insert(LocalFolder.parent(of: path))
      }
      manifest.append(old)
    }
    for folder in folders.sorted() { try LocalFolder.sync(folder) }
    try put(try manifest.encoded(), into: LocalSink(path: product + "/" + Manifest.fileName))
    try install(product)
    // The old output is where the new one was. Its manifest goes first: a reader that has it open must not take the rest
    // for complete.
    try? LocalFolder.remove(product + "/" + Manifest.fileName)
    abort()
    return manifest
  }

  /// Ends the run and leaves the output as it is. May be called at any time; never throws: what cannot be removed is removed
  /// by the next run.
  package func abort() {
    guard lock != nil else { return }
    // Attempts that are only now being stopped may still make files. They find no folder for them from here on, so what is
    // being removed does not fill again; a second look is for the file that was on its way.
    if let attempts = try? staging.attemptsFolder() {
      try? LocalFolder.rename(attempts, to: folder + "/ended")
    }
    for _ in 0..<3 where (try? LocalFolder.remove(folder)) == nil {}
    lock = nil
  }

  /// Moves an attempt's file into the product. The driver believes a worker's word about a file only after looking.
  private func take(_ file: StagedFile, to path: String) throws {
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
    if let foreign = names.first(where: { !ours.contains($0) && (manifest == nil || $0 != Manifest.fileName) }
    ) {
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
      let owner = try? ObjectStores.contents(of: path + "/" + OutputCommitter.ownerFile, limit: 1 << 16)
      if owner == Array(output.utf8) { try? LocalFolder.remove(path) }
    }
  }

  private func put(_ bytes: [UInt8], into sink: any ByteSink) throws {
    try bytes.withUnsafeBytes { try sink.write($0) }
    try sink.close()
  }

  private static let ownerFile = ".owner"
}
