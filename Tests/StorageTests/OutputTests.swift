import Basics
import Foundation
import Storage
import Synchronization
import TestSupport
import Testing

@Suite struct OutputTests {
  private let folder: TemporaryFolder
  private let output: String

  init() throws {
    folder = try TemporaryFolder()
    output = folder.path + "/out"
  }

  private func manifest(_ parameters: [String: String] = ["k": "5"]) -> Manifest {
    Manifest(
      step: "segment", program: StepProgram(version: 1, columns: ["id string"]), parameters: parameters,
      inputs: [ObjectInfo(uri: "/in/a", size: 3, version: "v")],
      extra: ["note": "x/y"])
  }

  private func stage(
    _ staging: StagingArea, _ name: String, _ text: String, attempt: String = "job/0/0.0", rows: Int = 1
  ) throws -> StagedFile {
    let sink = try staging.create(name: name, attempt: attempt)
    try Array(text.utf8).withUnsafeBytes { try sink.write($0) }
    try sink.close()
    return try sink.stagedFile(rows: rows)
  }

  /// A whole run.
  @discardableResult
  private func run(
    _ name: String, _ files: [String: String], _ parameters: [String: String] = [:]
  ) throws -> Manifest {
    let committer = try OutputCommitter(output: output, run: name)
    try committer.begin()
    let staged = try files.sorted { $0.key < $1.key }.map { try stage(committer.staging, $0.key, $0.value) }
    return try committer.publish(files: staged, manifest: manifest(parameters))
  }

  /// A wrong path in a job file must not cost what nothing can make again.
  @Test(arguments: ["ingest", "events"])
  func eventsAreReplacedByNoOtherStep(source: String) throws {
    let committer = try OutputCommitter(output: output, run: "run-1")
    try committer.begin()
    try committer.publish(
      files: [try stage(committer.staging, "part-0.jsonl", "{}")],
      manifest: Manifest(step: source, program: StepProgram(version: 1), parameters: [:], inputs: []))
    let message = failure {
      try OutputCommitter(output: output, run: "run-2").begin(replacingAs: "features")
    }
    #expect(message?.kind == "invalid")
    #expect(folder.names() == ["out", "out/_SUCCESS", "out/part-0.jsonl"])
    // It stands in nobody's way, and its own kind goes on.
    let next = try OutputCommitter(output: output, run: "run-3")
    try next.begin(replacingAs: source)
    next.abort()
    #expect(folder.names() == ["out", "out/_SUCCESS", "out/part-0.jsonl"])
  }

  @Test func winnersArePublishedAndNothingElse() throws {
    let committer = try OutputCommitter(output: output + "/", run: "run-1")
    try committer.begin()
    let staging = try StagingArea(decoding: committer.staging.encoded)
    _ = try stage(staging, "part-0.parquet", "loser", attempt: "job/0/0.1")
    let unfinished = try staging.create(name: "part-1.parquet", attempt: "job/0/1.0")
    let late = try staging.create(name: "_rejected/part-1.jsonl", attempt: "job/0/1.0")
    let winners = [
      try stage(staging, "part-1.parquet", "two!", attempt: "job/0/1.1", rows: 7),
      try stage(staging, "part-0.parquet", "one", attempt: "job/0/0.0", rows: 5),
    ]
    let side = [
      try committer.stage(name: "_model.json", bytes: Array("{}".utf8)),
      try stage(staging, "_rejected/part-0.jsonl", "bad", rows: 2),
    ]
    #expect(!FileManager.default.fileExists(atPath: output))
    #expect(try LocalStore().list(folder.path).isEmpty)
    let published = try committer.publish(files: winners, sideFiles: side, manifest: manifest())
    unfinished.abort()
    #expect(
      folder.names() == [
        "out", "out/_SUCCESS", "out/_model.json", "out/_rejected", "out/_rejected/part-0.jsonl",
        "out/part-0.parquet",
        "out/part-1.parquet",
      ])
    #expect(try bytes(of: output + "/part-0.parquet") == Array("one".utf8))
    #expect(published.rows == 12 && published.bytes == 7)
    #expect(published.files.map(\.name) == ["part-0.parquet", "part-1.parquet"])
    #expect(published.sideFiles.map(\.rows) == [0, 2])
    #expect(try OutputFolder(output).manifest() == published)
    // The run is over: a late attempt finds no folder to write to.
    #expect(failure { try staging.create(name: "part-0.parquet", attempt: "job/0/0.2") }?.kind == "invalid")
    #expect(failure { try late.close() }?.kind == "notFound")
    #expect(folder.names().first == "out")
    #expect(failure { try committer.publish(files: [], manifest: manifest()) }?.kind == "invalid")
  }

  @Test func theSameRunTwiceGivesTheSameBytes() throws {
    try run("run-1", ["a": "1", "b": "22"])
    let first = try bytes(of: output + "/_SUCCESS")
    try run("run-2", ["a": "1", "b": "22"])
    #expect(try bytes(of: output + "/_SUCCESS") == first)
    #expect(String(decoding: first, as: UTF8.self).contains("\"x/y\""))
    #expect(!String(decoding: first, as: UTF8.self).contains("run-1"))
  }

  @Test func aNewOutputReplacesTheOldOneWhole() throws {
    try run("run-1", ["a": "1", "old": "2"])
    try run("run-2", ["a": "3"])
    #expect(folder.names() == ["out", "out/_SUCCESS", "out/a"])
    #expect(try bytes(of: output + "/a") == Array("3".utf8))
  }

  @Test func abortLeavesTheOutputAsItWas() throws {
    try run("run-1", ["a": "1"])
    do {
      let committer = try OutputCommitter(output: output, run: "run-2")
      try committer.begin()
      _ = try stage(committer.staging, "a", "never")
      // Dropped without a word, as after an error.
    }
    #expect(folder.names() == ["out", "out/_SUCCESS", "out/a"])
    #expect(try bytes(of: output + "/a") == Array("1".utf8))
  }

  @Test func attemptsThatStillWriteKeepNothingAlive() throws {
    for turn in 0..<40 {
      let committer = try OutputCommitter(output: output, run: "run-\(turn)")
      try committer.begin()
      let staging = committer.staging
      let ended = DispatchGroup()
      let begun = DispatchSemaphore(value: 0)
      for writer in 0..<2 {
        DispatchQueue.global().async(group: ended) {
          // Until the staging folder is gone.
          for attempt in 0..<20_000 {
            guard
              let sink = try? staging.create(name: "a", attempt: "job/\(writer)/0.\(attempt)")
            else { return }
            try? sink.close()
            begun.signal()
          }
        }
      }
      begun.wait()
      committer.abort()
      #expect(ended.wait(timeout: .now() + 60) == .success)
      let left = folder.names().count
      #expect(left == 0)
    }
  }

  @Test func foreignFilesAreNeverRemoved() throws {
    for (name, names) in [
      ("sparks", ["_SUCCESS", "part-0"]), ("mixed", ["notes.txt"]), ("nested", ["sub/x"]),
    ] {
      for file in names { try folder.write(name + "/" + file, []) }
      let error = try #require(
        failure { try OutputCommitter(output: folder.path + "/" + name, run: "r").begin() })
      #expect(error.kind == "invalid")
      #expect(error.description.contains("'\(names[0])'"))
    }
    try run("run-1", ["a": "1"])
    let committer = try OutputCommitter(output: output, run: "run-2")
    try committer.begin()
    // Put there between begin and publish.
    try folder.write("out/mine.txt", [1])
    let file = try stage(committer.staging, "a", "2")
    #expect(failure { try committer.publish(files: [file], manifest: manifest()) }?.kind == "invalid")
    committer.abort()
    #expect(try bytes(of: output + "/a") == Array("1".utf8))
    #expect(failure { try OutputCommitter(output: output, run: "run-3").begin() }?.kind == "invalid")
    try folder.write("file", [1])
    #expect(
      failure { try OutputCommitter(output: folder.path + "/file", run: "r").begin() }?.kind == "invalid")
  }

  @Test func anEmptyFolderIsTaken() throws {
    try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
    try run("run-1", ["a": "1"])
    #expect(folder.names() == ["out", "out/_SUCCESS", "out/a"])
  }

  @Test func twoRunsDoNotMix() throws {
    let first = try OutputCommitter(output: output, run: "run-1")
    try first.begin()
    let second = try OutputCommitter(output: output, run: "run-2")
    let error = try #require(failure { try second.begin() })
    #expect(error.kind == "invalid")
    #expect(error.description.contains("run run-1, process \(getpid())"))
    // The loser's end must not disturb the winner.
    second.abort()
    let file = try stage(first.staging, "a", "1")
    try first.publish(files: [file], manifest: manifest())
    try second.begin()
    second.abort()
    #expect(folder.names() == ["out", "out/_SUCCESS", "out/a"])
  }

  @Test func leftoversOfDeadRunsAreRemovedAndOnlyThose() throws {
    try folder.write(".out.dead.staging/.owner", Array(output.utf8))
    try folder.write(".out.dead.staging/output/a", [1])
    // The staging area of a run that writes `out.other`, and something that is not ours at all.
    try folder.write(".out.other.r.staging/.owner", Array((output + ".other").utf8))
    try folder.write(".out.x.staging/precious", [1])
    // A lock file whose process is gone is no lock.
    try folder.write(".out.lock", Array("run dead, process 1, with a text that is longer than ours".utf8))
    let committer = try OutputCommitter(output: output, run: "r")
    try committer.begin()
    #expect(!folder.names().contains(".out.dead.staging"))
    committer.abort()
    #expect(
      folder.names() == [
        ".out.other.r.staging", ".out.other.r.staging/.owner", ".out.x.staging", ".out.x.staging/precious",
      ])
  }

  @Test func aReaderSeesOneOutputOrTheOther() throws {
    let names = ["a", "b", "c", "d"]
    func content(_ run: Int) -> [String: String] {
      // Each run has a file that no other has.
      Dictionary(uniqueKeysWithValues: (names + ["only-\(run)"]).map { ($0, "\(run)") })
    }
    try run("r0", content(0))
    let folder = output
    let shared = Shared()
    let reader = Thread {
      // At least once, however late this thread comes to run.
      repeat {
        // One listing of names: what a rename swaps whole.
        if let names = try? FileManager.default.contentsOfDirectory(atPath: folder) {
          shared.add(names.sorted())
        }
      } while !shared.isStopped
      shared.ended.signal()
    }
    reader.start()
    for round in 1...50 { try run("r\(round)", content(round)) }
    shared.stop()
    #expect(shared.ended.wait(timeout: .now() + 30) == .success)
    let complete = (0...50).map { Set(names + ["only-\($0)", "_SUCCESS"]) }
    for listing in shared.listings {
      // A listing that began before the swap may show the old output while it is removed, its manifest first: short then,
      // but without a manifest, and never with files of two runs.
      let matches = complete.contains {
        listing.contains("_SUCCESS") ? $0 == Set(listing) : $0.isSuperset(of: listing)
      }
      #expect(matches, "\(listing)")
    }
    #expect(!shared.listings.isEmpty)
  }

  @Test func whatWorkersSayIsChecked() throws {
    let committer = try OutputCommitter(output: output, run: "r")
    try committer.begin()
    let precious = try folder.write("precious", [1])
    let good = try stage(committer.staging, "a", "123")
    let lies = [
      StagedFile(name: "a", staged: precious, rows: 1, bytes: 1),
      StagedFile(name: "a", staged: good.staged + "/../../../../precious", rows: 1, bytes: 1),
      StagedFile(name: "../a", staged: good.staged, rows: 1, bytes: 3),
      StagedFile(name: "/a", staged: good.staged, rows: 1, bytes: 3),
      StagedFile(name: "", staged: good.staged, rows: 1, bytes: 3),
      StagedFile(name: "_SUCCESS", staged: good.staged, rows: 1, bytes: 3),
      StagedFile(name: "a", staged: good.staged, rows: 1, bytes: 4),
      StagedFile(name: "a", staged: good.staged + "x", rows: 1, bytes: 3),
    ]
    for lie in lies {
      #expect(failure { try committer.publish(files: [lie], manifest: manifest()) } != nil)
    }
    #expect(failure { try committer.publish(files: [good, good], manifest: manifest()) }?.kind == "invalid")
    for name in ["", "/x", "../x", "a/../b", ".x", "a/.x", "a//b", "_SUCCESS", "x\0"] {
      #expect(failure { try committer.staging.create(name: name, attempt: "1") }?.kind == "invalid")
    }
    for attempt in ["", "..", "a b", "a+b/\0"] {
      #expect(failure { try committer.staging.create(name: "a", attempt: attempt) }?.kind == "invalid")
    }
    #expect(failure { try StagingArea(output: output, run: "../x") }?.kind == "invalid")
    #expect(throws: WireError.self) { try StagingArea(decoding: [3, 0x61, 0x2f, 0x62, 1, 0x78]) }
    #expect(failure { try OutputCommitter(output: "/", run: "r") }?.kind == "invalid")
    #expect(failure { try OutputCommitter(output: "s3://b", run: "r") }?.kind == "invalid")
    committer.abort()
    #expect(folder.names() == ["precious"])
  }

  @Test func anOutputThatIsALinkStaysOne() throws {
    try FileManager.default.createDirectory(atPath: folder.path + "/real", withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: output, withDestinationPath: "real")
    try run("run-1", ["a": "1"])
    #expect(try bytes(of: folder.path + "/real/a") == Array("1".utf8))
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: output) == "real")
  }

  @Test func completeMeansSameFingerprintAndWholeFiles() throws {
    let published = try run("r", ["a": "1", "b": "22"], ["k": "5"])
    let folder = try OutputFolder(output)
    #expect(folder.isComplete(fingerprint: published.fingerprint))
    #expect(!folder.isComplete(fingerprint: manifest(["k": "6"]).fingerprint))
    try self.folder.write("out/b", [1])
    #expect(!folder.isComplete(fingerprint: published.fingerprint))
    try self.folder.write("out/b", [1, 2])
    #expect(folder.isComplete(fingerprint: published.fingerprint))
    try FileManager.default.removeItem(atPath: output + "/a")
    #expect(!folder.isComplete(fingerprint: published.fingerprint))
    #expect(try OutputFolder(self.folder.path + "/none").manifest() == nil)
    #expect(!(try OutputFolder(self.folder.path + "/none")).isComplete(fingerprint: ""))
    try self.folder.write("spark/_SUCCESS", [])
    #expect(try OutputFolder(self.folder.path + "/spark").manifest() == nil)
  }

  @Test func fingerprintsTellApart() {
    let a = ObjectInfo(uri: "/a", size: 1, version: "1")
    let b = ObjectInfo(uri: "/b", size: 1, version: "1")
    func print(
      _ step: String, _ parameters: [String: String], _ inputs: [ObjectInfo],
      _ program: StepProgram = StepProgram(version: 1, columns: ["a string", "b int64"])
    ) -> String {
      Fingerprint(step: step, program: program, parameters: parameters, inputs: inputs).description
    }
    let prints = [
      print("s", ["x": "1", "y": "2"], [a, b]), print("t", ["x": "1", "y": "2"], [a, b]),
      print("s", ["x": "1", "y": "2"], [a, b], StepProgram(version: 2, columns: ["a string", "b int64"])),
      print("s", ["x": "1", "y": "2"], [a, b], StepProgram(version: 1, columns: ["a string", "b double"])),
      print("s", ["x": "1", "y": "2"], [a, b], StepProgram(version: 1, columns: ["a string"])),
      print("s", ["x": "1"], [a, b]), print("s", ["x": "1", "y": "3"], [a, b]),
      print("s", ["x1": "", "y": "2"], [a, b]),
      print("s", ["x": "1", "y": "2"], [a]),
      print("s", ["x": "1", "y": "2"], [a, ObjectInfo(uri: "/b", size: 2, version: "1")]),
      print("s", ["x": "1", "y": "2"], [a, ObjectInfo(uri: "/b", size: 1, version: "2")]),
    ]
    #expect(Set(prints).count == prints.count)
    #expect(print("s", ["y": "2", "x": "1"], [b, a]) == prints[0])
    #expect(prints.allSatisfy { $0.count == 32 })
    // Pinned: another value would make every finished output run again.
    #expect(prints[0] == "85566a7182d99751378415a32265089a")
  }
}

/// What the reading thread saw.
private final class Shared: Sendable {
  private let state = Mutex((stopped: false, listings: Set<[String]>()))
  let ended = DispatchSemaphore(value: 0)

  var isStopped: Bool { state.withLock { $0.stopped } }
  var listings: Set<[String]> { state.withLock { $0.listings } }
  func stop() { state.withLock { $0.stopped = true } }
  func add(_ listing: [String]) { state.withLock { _ = $0.listings.insert(listing) } }
}
