import Foundation
import Storage
import TestSupport
import Testing

/// The commit in an object store.
@Suite struct UploadCommitTests {
  private static let output = "s3://bucket/out"

  private static func manifest(_ k: String) -> Manifest {
    Manifest(step: "features", program: StepProgram(version: 1), parameters: ["k": k], inputs: [])
  }

  /// A whole run; the content of its files tells which.
  @discardableResult
  private static func run(_ store: MemoryBucket, _ k: String, files: Int = 2) throws -> Manifest {
    let manifest = manifest(k)
    let committer = try OutputCommitter(
      output: output, run: "run", fingerprint: manifest.fingerprint, in: store)
    defer { committer.abort() }
    try committer.begin(replacingAs: "features")
    let staged = try (0..<files).map {
      try committer.stage(name: "part-\($0).parquet", bytes: Array("\(k)-\($0)".utf8), rows: 1)
    }
    let model = try committer.stage(name: "_model.json", bytes: Array(k.utf8))
    return try committer.publish(files: staged, sideFiles: [model], manifest: manifest)
  }

  /// What a reader of the folder gets, in order.
  private static func read(_ store: MemoryBucket) throws -> [String] {
    try InputFolder.list(output, in: store).map {
      String(decoding: try store.contents($0.uri, limit: 100)?.bytes ?? [], as: UTF8.self)
    }
  }

  private static func names(_ store: MemoryBucket) -> [String] {
    store.state.withLock { state in
      state.objects.keys.map { String($0.description.dropFirst(output.count + 1)) }.sorted()
    }
  }

  @Test func publishesAndReplaces() throws {
    let store = MemoryBucket()
    let first = try Self.run(store, "a")
    #expect(try Self.read(store) == ["a-0", "a-1"])
    #expect(try OutputFolder(Self.output, in: store).isComplete(fingerprint: first.fingerprint))
    try Self.run(store, "b", files: 1)
    #expect(try Self.read(store) == ["b-0"])
    #expect(Self.names(store).count == 3)
    #expect(store.state.withLock { $0.uploads.isEmpty })
  }

  /// `--force`: the same fingerprint again must not take the names of live files.
  @Test func aForcedRunNeverTouchesLiveFiles() throws {
    // Every write is checked against the manifest that is published at that moment.
    let store = MemoryBucket { store, uri in
      let live = store.state.withLock { state in
        state.objects[ObjectName(Self.output + "/_SUCCESS")].flatMap { Manifest(json: $0.bytes) }
      }
      for file in live?.files ?? [] { #expect(uri != "\(Self.output)/\(file.name)", "a live file changes") }
    }
    var seen: [[String]] = []
    for _ in 0..<3 { seen.append(try Self.run(store, "a").files.map(\.name)) }
    #expect(Set(seen[0]).isDisjoint(with: seen[1]) && Set(seen[1]).isDisjoint(with: seen[2]))
    // The same output has the same names again.
    #expect(seen[2] == seen[0])
    #expect(try Self.read(store) == ["a-0", "a-1"])
  }

  /// A reader that listed the old output finds its bytes or an error, never other bytes.
  @Test func aReaderInTheMiddleOfAForcedRun() throws {
    let store = MemoryBucket()
    try Self.run(store, "a")
    let listed = try InputFolder.list(Self.output, in: store)
    // The same fingerprint with other bytes, as after an upgrade that forgot to raise the version.
    let manifest = Self.manifest("a")
    let committer = try OutputCommitter(
      output: Self.output, run: "r2", fingerprint: manifest.fingerprint, in: store)
    try committer.begin()
    let staged = try committer.stage(name: "part-0.parquet", bytes: Array("other".utf8), rows: 1)
    #expect(try Self.read(store) == ["a-0", "a-1"])
    try committer.publish(files: [staged], manifest: manifest)
    for object in listed { #expect(throws: StorageError.self) { try store.open(object) } }
    #expect(try Self.read(store) == ["other"])
  }

  /// The process dies at any operation: a reader sees one output or the other, whole, and the next run cleans up.
  @Test(arguments: ["a", "b"]) func killedAnywhere(next: String) throws {
    var published = false
    for moment in 1..<60 {
      let store = MemoryBucket()
      try Self.run(store, "a")
      store.die(after: moment)
      let ended: Void? = try? { _ = try Self.run(store, next) }()
      store.revive()
      let content = try Self.read(store)
      #expect(content == ["a-0", "a-1"] || content == ["\(next)-0", "\(next)-1"], "killed at \(moment)")
      // The lock of the dead run, which would be waited for.
      let locks = Self.names(store).filter { $0.hasPrefix("_lock.") }
      try store.delete(locks.map { "\(Self.output)/\($0)" })
      try Self.run(store, "c", files: 1)
      #expect(try Self.read(store) == ["c-0"])
      #expect(Self.names(store).filter { !$0.hasPrefix("_lock.") }.count == 3, "left at \(moment)")
      #expect(store.state.withLock { $0.uploads.isEmpty })
      if ended != nil { published = true }
    }
    #expect(published)
  }

  /// Nobody knows which files are live if the manifest cannot be read.
  @Test func anUnreadableManifestProtectsTheFiles() throws {
    let store = MemoryBucket()
    let names = try Self.run(store, "a").files.map(\.name)
    _ = try store.put(Self.output + "/_SUCCESS", Array("{\"version\": 99}".utf8), if: .none)
    _ = try store.put(Self.output + "/_commit", Array(names.joined(separator: "\n").utf8), if: .none)
    #expect(failure { try Self.run(store, "b") }?.kind == "invalid")
    for name in names { #expect(try store.contents("\(Self.output)/\(name)", limit: 100) != nil) }
  }

  @Test func storesWithoutConditions() throws {
    let store = MemoryBucket()
    store.state.withLock { $0.hasConditions = false }
    try Self.run(store, "a")
    try Self.run(store, "b")
    #expect(try Self.read(store) == ["b-0", "b-1"])
  }

  @Test func anAppendKeepsWhatIsThere() throws {
    let store = MemoryBucket()
    for content in ["one", "two"] {
      let committer = try OutputCommitter(output: Self.output, run: "r", in: store)
      try committer.begin()
      let file = try committer.stage(name: "dt=1/part-0.jsonl", bytes: Array(content.utf8), rows: 1)
      try committer.publish(files: [file], manifest: Self.manifest("k"), appends: true)
    }
    #expect(try Set(Self.read(store)) == ["one", "two"])
  }

  // MARK: - Locks

  @Test func aSecondRunIsRefusedWhileTheFirstRenews() throws {
    let store = MemoryBucket(lockSeconds: 4)
    let first = try OutputCommitter(output: Self.output, run: "first", in: store)
    try first.begin()
    let second = try OutputCommitter(output: Self.output, run: "second", in: store)
    var waited: [String] = []
    let error = failure { try second.begin { waited.append($0) } }
    #expect(
      error?.description.contains("another run is writing it (run first, process \(getpid()) on ") == true)
    #expect(waited.count == 1 && waited[0].contains("waiting up to 4 s"))
    first.abort()
    try second.begin()
    second.abort()
    #expect(Self.names(store).isEmpty)
  }

  @Test func theLockOfADeadRunIsTakenOver() throws {
    let store = MemoryBucket(lockSeconds: 1)
    // As versions before JSON wrote it.
    _ = try store.put(
      Self.output + "/_lock.0123456789abcdef", Array("run x, process 1 on h, renewal 7".utf8), if: .none)
    try Self.run(store, "a")
    #expect(try Self.read(store) == ["a-0", "a-1"])
    #expect(!Self.names(store).contains { $0.hasPrefix("_lock.") })
  }

  /// Locks that this version cannot read, and that change, may belong to the holder.
  @Test(arguments: ["run x, process 1 on h, renewal ", "{\"v\": 2, \"n\": "]) func unknownLocksThatChange(
    text: String
  ) throws {
    let store = MemoryBucket(lockSeconds: 3)
    let renewing = Thread {
      for number in 0..<40 {
        _ = try? store.put(
          Self.output + "/_lock.0123456789abcdef", Array("\(text)\(number)".utf8), if: .none)
        Thread.sleep(forTimeInterval: 0.1)
      }
    }
    renewing.start()
    Thread.sleep(forTimeInterval: 0.05)
    #expect(failure { try Self.run(store, "a") }?.description.contains("another run is writing it") == true)
  }
}
