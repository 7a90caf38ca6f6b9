import Foundation
import Storage
import Testing

/// Outputs that grow, and readers that go by the manifest.
@Suite struct AppendTests {
  private let folder: TemporaryFolder
  private let output: String

  init() throws {
    folder = try TemporaryFolder()
    output = folder.path + "/raw"
  }

  private func append(_ files: [String: String], side: [String: String] = [:], run: String) throws -> Manifest
  {
    let committer = try OutputCommitter(output: output, run: run)
    try committer.begin()
    func stage(_ files: [String: String]) throws -> [StagedFile] {
      try files.map { try committer.stage(name: $0.key, bytes: Array($0.value.utf8), rows: 1) }
    }
    var manifest = Manifest(step: "ingest", program: StepProgram(version: 1), parameters: [:], inputs: [])
    manifest.extra = ["runs": (committer.previous?.extra["runs"] ?? "") + run]
    return try committer.publish(
      files: try stage(files), sideFiles: try stage(side), manifest: manifest, appends: true)
  }

  @Test func anAppendKeepsWhatIsThere() throws {
    _ = try append(["dt=1/a": "one", "dt=2/a": "two"], side: ["_rejected/a": "x"], run: "r1")
    let published = try append(["dt=2/b": "three", "dt=3/b": "four"], side: ["_rejected/b": "y"], run: "r2")
    #expect(published.files.map(\.name) == ["dt=1/a", "dt=2/a", "dt=2/b", "dt=3/b"])
    #expect(published.sideFiles.map(\.name) == ["_rejected/a", "_rejected/b"])
    #expect(published.rows == 4 && published.bytes == 15)
    #expect(published.extra == ["runs": "r1r2"])
    #expect(try OutputFolder(output).manifest() == published)
    #expect(try bytes(of: output + "/dt=1/a") == Array("one".utf8))
    #expect(try bytes(of: output + "/dt=2/b") == Array("three".utf8))
    #expect(
      try InputFolder.list(output).map(\.uri)
        == ["dt=1/a", "dt=2/a", "dt=2/b", "dt=3/b"].map { "\(output)/\($0)" })
    // Nothing is left beside it.
    #expect(folder.names().filter { $0.hasPrefix(".") } == [])
  }

  /// `é` composed and decomposed: two files, also for the manifest.
  @Test func namesThatDifferInUnicodeFormOnly() throws {
    let names = ["caf\u{e9}.jsonl", "cafe\u{301}.jsonl"]
    let committer = try OutputCommitter(output: output, run: "r")
    try committer.begin()
    let files = try names.map { try committer.stage(name: $0, bytes: Array($0.utf8), rows: 1) }
    let manifest = Manifest(step: "ingest", program: StepProgram(version: 1), parameters: [:], inputs: [])
    try committer.publish(files: files, manifest: manifest)
    let listed = try InputFolder.list(output)
    #expect(
      listed.map { ObjectName.relative($0.uri, to: output).map(ObjectName.init) }
        == names.reversed().map(ObjectName.init))
    #expect(listed.map(\.size) == [12, 11])
    let published = try #require(try OutputFolder(output).manifest())
    #expect(published.files.map(\.bytes) == [12, 11])
    #expect(try OutputFolder(output).isComplete(fingerprint: published.fingerprint))
  }

  @Test func aNameThatIsThereIsRefused() throws {
    _ = try append(["a": "one"], run: "r1")
    #expect(
      failure { try append(["a": "two"], run: "r2") }?.description.contains("two files have the name a")
        == true)
    #expect(try bytes(of: output + "/a") == Array("one".utf8))
    _ = try append(["b": "two"], run: "r3")
  }

  @Test func anAppendThatFailsLeavesTheOutput() throws {
    let first = try append(["a": "one"], run: "r1")
    try FileManager.default.removeItem(atPath: output + "/a")
    #expect(failure { try append(["b": "two"], run: "r2") }?.kind == "notFound")
    #expect(try OutputFolder(output).manifest() == first)
  }

  @Test func readersTakeWhatTheManifestListsAndWhatOthersPutThere() throws {
    _ = try append(["a": "one", "b": "two"], run: "r1")
    try folder.write("raw/aa", [1])
    try folder.write("raw/c", [1])
    #expect(
      try InputFolder.list(output + "/").map(\.uri) == ["a", "aa", "b", "c"].map { "\(output)/\($0)" })
    try FileManager.default.removeItem(atPath: output + "/aa")
    // One file of it is that file.
    #expect(try InputFolder.list(output + "/c").map(\.uri) == [output + "/c"])
    try folder.write("raw/b", [1])
    #expect(
      failure { try InputFolder.list(output) }?.description.contains("has 1 bytes, _SUCCESS says 3") == true)
    try FileManager.default.removeItem(atPath: output + "/b")
    #expect(failure { try InputFolder.list(output) }?.description.contains("does not exist") == true)
    // A manifest of another engine says nothing.
    try folder.write("raw/_SUCCESS", [])
    #expect(try InputFolder.list(output).map(\.uri) == [output + "/a", output + "/c"])
    #expect(failure { try InputFolder.list(folder.path + "/none") }?.kind == "notFound")
  }
}
