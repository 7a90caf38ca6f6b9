/// The commit on S3. Attempts leave uploads that are not completed, which no listing shows. The driver completes them all, then
/// writes the manifest `_SUCCESS`: that one write is the switch for readers that go by it (``InputFolder``, and whoever lists
/// what it names); before it they read the old output, whose files are still there, after it the new one. Then the old files
/// are removed. A journal tells the next run what a killed one had begun to complete.
final class S3Commit: OutputCommit {
  private let staging: StagingArea
  private let place: S3OutputPlace
  private var lock: S3Lock?
  private var previous: (manifest: Manifest?, eTag: String?) = (nil, nil)
  /// Keys that this run has made visible, or may have.
  private var completed: [String] = []

  private var bucket: S3Bucket { place.bucket }
  private var output: String { staging.output }

  init(_ staging: StagingArea) throws(StorageError) {
    self.staging = staging
    place = try S3OutputPlace(staging.output, settings: staging.settings)
  }

  func begin(waits: (String) -> Void) throws {
    let lock = try S3Lock(place, run: staging.run, waits: waits)
    do {
      let found = try bucket.contents(place.key(Manifest.fileName), limit: 64 << 20)
      previous = (found.flatMap { Manifest(json: $0.bytes) }, found?.eTag)
      try removeLeftovers()
    } catch {
      lock.release()
      throw error
    }
    self.lock = lock
  }

  func publish(_ commit: Commit) throws {
    guard let lock else {
      throw StorageError.invalid(place: output, message: "published without begin, or a second time")
    }
    try lock.check()
    let names = commit.files.map(\.name)
    let there = Set(names + commit.kept)
    let old = S3Commit.names(previous.manifest).filter { !there.contains($0) }
    try write((names + old).joined(separator: "\n"), to: S3OutputPlace.journal)
    completed = names.map(place.key)
    try complete(commit.files)
    try lock.check()
    try writeManifest(commit.manifest)
    // From here on the output is the new one, whatever happens.
    completed = []
    // The journal last: what could not be removed is removed by the next run.
    if (try? bucket.delete(old.map(place.key))) != nil {
      try? bucket.delete([place.key(S3OutputPlace.journal)])
    }
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
        // A file of ours may have the name of one that is published, and then the same content.
        let present = try bucket.contents(place.key(Manifest.fileName), limit: 64 << 20)
        let kept = Set(S3Commit.names(present.flatMap { Manifest(json: $0.bytes) }).map(place.key))
        try bucket.delete(completed.filter { !kept.contains($0) } + [place.key(S3OutputPlace.journal)])
        completed = []
      }
      try abortUploads { S3OutputPlace.isTagged($0) || self.isSideFile($0) }
    } catch {
      // The server is out of reach: the journal is there, and the next run removes what it says.
    }
  }

  private static func names(_ manifest: Manifest?) -> [String] {
    manifest.map { ($0.files + $0.sideFiles).map(\.name) } ?? []
  }

  // MARK: -

  /// All at a time, as many as there are connections.
  private func complete(_ files: [StagedFile]) throws {
    for start in stride(from: 0, to: files.count, by: 256) {
      let calls = try files[start..<min(start + 256, files.count)].map { file in
        guard !file.staged.isEmpty, !file.parts.isEmpty else {
          throw StorageError.invalid(
            place: place.bucket.uri(place.key(file.name)), message: "a task left no upload for it")
        }
        let upload = S3Bucket.Upload(key: place.key(file.name), id: file.staged)
        return (file, try bucket.startComplete(upload, file.parts))
      }
      for (file, call) in calls { try bucket.finishComplete(call, bytes: file.bytes) }
    }
  }

  /// The switch. Where the server has conditional writes, it holds only if the manifest is the one that this run found: a run that
  /// lost its lock and does not know it cannot undo what another one has published.
  private func writeManifest(_ bytes: [UInt8]) throws {
    let key = place.key(Manifest.fileName)
    let body = ByteBlock(bytes)
    let condition: S3Bucket.Condition = previous.eTag.map { .unchanged(eTag: $0) } ?? .absent
    do {
      var result = try bucket.put(key, body, if: condition)
      if result == .unsupported {
        guard try bucket.head(key)?.eTag == previous.eTag else { throw lost }
        result = try bucket.put(key, body)
      }
      guard case .done = result else { throw lost }
    } catch let error as StorageError {
      guard case .transient = error else { throw error }
      // Perhaps it was written and only the answer was lost. Then nothing may be removed.
      guard let found = try? bucket.contents(key, limit: bytes.count + 1) else {
        completed = []
        throw StorageError.transient(
          place: bucket.uri(key),
          message: "it is not known whether the new output was published; run the job again (\(error))")
      }
      if found.bytes != bytes { throw error }
    }
  }

  private var lost: StorageError {
    .invalid(place: output, message: "another run has published it meanwhile; this one gives up")
  }

  /// Removes what runs that died have left: uploads, and files that they made visible but did not publish.
  private func removeLeftovers() throws {
    var known = Set(S3Commit.names(previous.manifest).map(place.key))
    let journal = place.key(S3OutputPlace.journal)
    if let text = try bucket.contents(journal, limit: 64 << 20) {
      let names = String(decoding: text.bytes, as: UTF8.self).split(separator: "\n").map(String.init)
      let orphans = names.map(place.key).filter { !known.contains($0) }
      try bucket.delete(orphans + [journal])
      known.formUnion(orphans)
    }
    for entry in try bucket.list(prefix: place.prefix) {
      let name = String(decoding: entry.key.utf8.dropFirst(place.prefix.utf8.count), as: UTF8.self)
      guard !known.contains(entry.key), !name.isEmpty, !name.hasSuffix("/"), !name.hasPrefix("_") else {
        continue
      }
      throw StorageError.invalid(
        place: output,
        message: "holds '\(name)', which no complete run wrote and which would be mixed with the new output; "
          + "move or delete it, or choose another output folder")
    }
    try abortUploads { S3OutputPlace.isTagged($0) || self.isSideFile($0) }
  }

  private func isSideFile(_ key: String) -> Bool {
    key.utf8.dropFirst(place.prefix.utf8.count).first == UInt8(ascii: "_")
  }

  private func abortUploads(_ isOurs: (String) -> Bool) throws {
    let calls = try bucket.uploads(prefix: place.prefix).filter { isOurs($0.key) }.map {
      bucket.startAbort($0)
    }
    for call in calls { _ = try call.finish() }
  }

  private func write(_ text: String, to name: String) throws {
    guard case .done = try bucket.put(place.key(name), ByteBlock(text.utf8)) else {
      throw StorageError.invalid(
        place: bucket.uri(place.key(name)), message: "the server refuses to store it")
    }
  }
}
