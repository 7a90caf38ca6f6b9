import Foundation

/// The description of a complete output folder, as JSON in its file `_SUCCESS`. Equal runs give equal bytes: it contains no time, job id or
/// host.
package struct Manifest: Codable, Hashable, Sendable {
  package struct Input: Codable, Hashable, Sendable {
    package var uri: String
    /// Bytes.
    package var size: Int64
  }

  package struct File: Codable, Hashable, Sendable {
    /// Relative to the output folder.
    package var name: String
    package var rows: Int
    package var bytes: Int
  }

  package static let fileName = "_SUCCESS"
  package static let currentVersion = 1
  /// The rejected lines of a run that failed because of them; the next output replaces it.
  package static let rejectedFile = "_rejected/failed.jsonl"
  /// In `extra`: the key of the output's folders (`dt`) if each is named after the UTC date of its events.
  package static let dateFoldersKey = "dateFolders"
  /// Steps that write events, which no other kind of step may replace.
  static let sources: Set = ["events", "ingest"]

  package var version = Manifest.currentVersion
  /// The type of the step: `features`.
  package var step: String
  /// See ``Fingerprint``.
  package var fingerprint: String
  /// See ``StepProgram``; nil in outputs of versions that did not write it.
  package var program: String?
  /// Name to value, the value as JSON text or plain.
  package var parameters: [String: String]
  package var inputs: [Input]
  /// The data. The committer fills in this and the next three.
  package var files: [File] = []
  /// Files beside the data: models, rejected lines.
  package var sideFiles: [File] = []
  /// Sums over `files`.
  package var rows = 0
  package var bytes = 0
  /// Counts and other facts of the step.
  package var extra: [String: String]

  package init(
    step: String, program: StepProgram, parameters: [String: String], inputs: [ObjectInfo],
    extra: [String: String] = [:]
  ) {
    self.step = step
    self.program = program.description
    self.parameters = parameters
    self.inputs = inputs.map { Input(uri: $0.uri, size: $0.size) }
      .sorted { ObjectName.precedes($0.uri, $1.uri) }
    self.extra = extra
    fingerprint =
      Fingerprint(step: step, program: program, parameters: parameters, inputs: inputs).description
  }

  /// The names of all files: data first, then the others.
  package var names: [String] { (files + sideFiles).map(\.name) }

  /// The names of the files it describes, and its own.
  var owned: Set<ObjectName> { Set((names + [Manifest.fileName]).map(ObjectName.init)) }

  /// Adds the files, ordered by their names.
  /// - Parameter kept: An earlier manifest, whose files stay.
  mutating func fill(files: [StagedFile], sideFiles: [StagedFile], keeping kept: Manifest?) {
    func entries(_ kept: [File]?, _ staged: [StagedFile]) -> [File] {
      ((kept ?? []) + staged.map { File(name: $0.name, rows: $0.rows, bytes: $0.bytes) })
        .sorted { ObjectName.precedes($0.name, $1.name) }
    }
    self.files = entries(kept?.files, files)
    self.sideFiles = entries(kept?.sideFiles, sideFiles)
    rows = self.files.reduce(0) { $0 + $1.rows }
    bytes = self.files.reduce(0) { $0 + $1.bytes }
  }

  /// Sorted keys, so that equal manifests are equal bytes.
  package func encoded() throws(StorageError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      return Array(try encoder.encode(self)) + [0x0a]
    } catch {
      throw .invalid(location: Manifest.fileName, message: "cannot be written as JSON: \(error)")
    }
  }

  /// - Returns: nil if the bytes are not a manifest of this version. (Spark writes an empty `_SUCCESS`.)
  package init?(json: [UInt8]) {
    guard let manifest = try? JSONDecoder().decode(Manifest.self, from: Data(json)),
      manifest.version == Manifest.currentVersion
    else { return nil }
    self = manifest
  }
}
