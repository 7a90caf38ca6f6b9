/// The commit in an object store. Attempts leave uploads that are not completed, which no listing shows. The driver completes them all, then
/// writes the manifest `_SUCCESS`: that one write is the switch for readers that go by it (``InputFolder``). Before it they read the
/// old output, whose files are still there, after it the new one. Then the old files are removed. A journal tells the next run what
/// a killed one had begun to complete.
final class UploadCommit: OutputCommit {
  static let journalName = "_commit"

  private let store: any ObjectStore
  private let staging: StagingArea
  private let folder: String
  private var lock: LeaseLock?
  private var previous: (manifest: Manifest?, version: String?) = (nil, nil)
  /// Names that this run has made visible, or may have.
  private var completed: [String] = []

  init(_ staging: StagingArea, in store: any ObjectStore) {
    self.staging = staging
    self.store = store
    folder = staging.output.hasSuffix("/") ? staging.output : staging.output + "/"
  }

  private func uri(_ name: String) -> String { folder + name }

  func stage(_ name: String, attempt: String, tag: String) throws(StorageError) -> StagedSink {
    let name = FileTag.tagged(name, tag)
    let sink: any UploadSink
    do {
      sink = try store.upload(uri(name))
    } catch {
      throw error as? StorageError ?? .transient(location: uri(name), message: "\(error)")
    }
    return StagedSink(name: name, sink: sink) { (sink.upload?.id ?? "", sink.upload?.parts ?? []) }
  }

  func begin(waits: (String) -> Void) throws {
    let lock = try LeaseLock(folder, in: store, run: staging.run, waits: waits)
    do {
      let found = try store.contents(uri(Manifest.fileName), limit: 64 << 20)
      previous = (found.flatMap { Manifest(json: $0.bytes) }, found?.version)
      try removeLeftovers()
    } catch {
      lock.release()
      throw error
    }
    self.lock = lock
  }

  func publish(_ commit: Commit) throws {
    guard let lock else {
      throw StorageError.invalid(
        location: staging.output, message: "published without begin, or a second time")
    }
    try lock.check()
    let names = commit.files.map(\.name)
    let live = Set((previous.manifest?.files ?? []).map { ObjectName($0.name) })
    // Readers of the present output would get other bytes in the middle of it.
    if let name = names.first(where: { live.contains(ObjectName($0)) }) {
      throw StorageError.invalid(location: uri(name), message: "is a file of the present output")
    }
    let there = Set((names + commit.kept).map(ObjectName.init))
    let old = (previous.manifest?.names ?? []).filter { !there.contains(ObjectName($0)) }
    try write((names + old).joined(separator: "\n"), to: UploadCommit.journalName)
    completed = names
    // Side files keep their names from output to output, so they change as late as possible.
    try complete(commit.files.filter { !ObjectName.isHidden($0.name) })
    try lock.check()
    try complete(commit.files.filter { ObjectName.isHidden($0.name) })
    try writeManifest(commit.manifest)
    // From here on the output is the new one, whatever happens.
    completed = []
    // The journal last: the next run removes what could not be removed.
    if (try? store.delete(old.map(uri))) != nil { try? store.delete([uri(UploadCommit.journalName)]) }
    abort()
  }

  func abort() {
    guard let lock else { return }
    self.lock = nil
    defer { lock.release() }
    // Without the lock another run may be at work here, perhaps on files of the same names.
    guard (try? lock.check()) != nil else { return }
    do {
      if !completed.isEmpty {
        try removeUnpublished(completed, by: try manifestToKeep())
        completed = []
      }
      try abortUploads()
    } catch {
      // The store is out of reach. The journal is there, and the next run removes what it lists.
    }
  }

  // MARK: -

  private func complete(_ files: [StagedFile]) throws {
    try store.complete(
      files.map { file in
        guard !file.staged.isEmpty, !file.parts.isEmpty else {
          throw StorageError.invalid(location: uri(file.name), message: "its task left no upload")
        }
        return ObjectUpload(uri: uri(file.name), id: file.staged, parts: file.parts, bytes: file.bytes)
      })
  }

  /// The switch. Where the store has conditional writes, it works only if the manifest is the one that this run found: a run that lost its
  /// lock without knowing cannot undo what another one has published.
  private func writeManifest(_ bytes: [UInt8]) throws {
    let uri = uri(Manifest.fileName)
    do {
      var result = try store.put(
        uri, bytes, if: previous.version.map { .unchanged(version: $0) } ?? .absent)
      if result == .unsupported {
        guard try store.contents(uri, limit: 64 << 20)?.version == previous.version else { throw lost }
        result = try store.put(uri, bytes, if: .none)
      }
      guard case .done = result else { throw lost }
    } catch let error as StorageError {
      guard case .transient = error else { throw error }
      // Perhaps it was written and only the answer was lost. Then nothing may be removed.
      guard let found = try? store.contents(uri, limit: 64 << 20) else {
        completed = []
        throw StorageError.transient(
          location: uri,
          message: "it is unknown whether the new output was published; run the job again (\(error))")
      }
      if found.bytes != bytes { throw error }
    }
  }

  private var lost: StorageError {
    .invalid(location: staging.output, message: "another run has published meanwhile; this one gives up")
  }

  /// Removes what dead runs left: uploads, and files that they made visible but did not publish.
  private func removeLeftovers() throws {
    if let journal = try store.contents(uri(UploadCommit.journalName), limit: 64 << 20) {
      let names = journal.bytes.split(separator: UInt8(ascii: "\n")).map {
        String(decoding: $0, as: UTF8.self)
      }
      try removeUnpublished(names, by: try manifestToKeep())
    }
    let ours = previous.manifest?.owned ?? []
    for object in try store.scan(prefix: folder) {
      guard let name = ObjectName.relative(object.uri, to: folder), !name.isEmpty, !name.hasSuffix("/"),
        name.utf8.first != UInt8(ascii: "_"), !ours.contains(ObjectName(name))
      else { continue }
      throw OutputRule.foreignFile(name, in: staging.output)
    }
    try abortUploads()
  }

  /// - Throws: `StorageError.invalid` where the manifest cannot be read: nobody knows then which files are live.
  private func manifestToKeep() throws -> Manifest? {
    guard let found = try store.contents(uri(Manifest.fileName), limit: 64 << 20) else { return nil }
    if let manifest = Manifest(json: found.bytes) { return manifest }
    throw StorageError.invalid(
      location: uri(Manifest.fileName),
      message: "is not a manifest that this version can read, and a run that wrote here did not end; "
        + "remove the folder, or choose another output folder")
  }

  /// Removes files and the journal, but nothing that the manifest lists.
  private func removeUnpublished(_ names: [String], by manifest: Manifest?) throws {
    let live = manifest?.owned ?? []
    let orphans = names.filter { !live.contains(ObjectName($0)) }
    try store.delete((orphans + [UploadCommit.journalName]).map(uri))
  }

  private func abortUploads() throws {
    try store.abort(
      try store.uploads(prefix: folder).filter { upload in
        guard let name = ObjectName.relative(upload.uri, to: folder) else { return false }
        return name.utf8.first == UInt8(ascii: "_") || FileTag.tag(of: name) != nil
      })
  }

  private func write(_ text: String, to name: String) throws {
    guard case .done = try store.put(uri(name), Array(text.utf8), if: .none) else {
      throw StorageError.invalid(location: uri(name), message: "the store refuses to write it")
    }
  }
}
