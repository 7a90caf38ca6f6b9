import Basics
import Wire

/// Where the task attempts of one run write their files until the driver publishes them. Goes to the workers in the parameters of a
/// stage; what it is in a store is up to the store's ``OutputCommit``.
package struct StagingArea: Hashable, Sendable, WireCodable {
  /// The canonical URI of the output folder.
  package let output: String
  /// Different for every run that may write this output: a job id, or job and step. `[A-Za-z0-9._-]`.
  package let run: String
  /// Settings of the job: how its stores are reached, for its input too.
  package let settings: Settings
  /// See ``FileTag``.
  package internal(set) var tag: String

  /// - Throws: `StorageError.invalid`.
  package init(
    output: String, run: String, settings: Settings = Settings(), tag: String? = nil
  ) throws(StorageError) {
    let tag = tag ?? FileTag.random()
    self.output = try ObjectURI(output).resolved().description
    self.run = run
    self.settings = settings
    self.tag = tag
    guard StagingArea.isPlain(run), FileTag.isTag(tag) else {
      throw .invalid(
        location: "run '\(run)', '\(tag)'", message: "expected letters, digits, '.', '_' and '-'")
    }
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    let output = try reader.string()
    let run = try reader.string()
    let tag = try reader.string()
    let settings: Settings = try reader.value()
    guard let area = try? StagingArea(output: output, run: run, settings: settings, tag: tag),
      ObjectName(area.output) == ObjectName(output)
    else {
      throw .invalid("staging area '\(output)' of run '\(run)'")
    }
    self = area
  }

  package func encode(to writer: inout ByteWriter) {
    writer.string(output)
    writer.string(run)
    writer.string(tag)
    writer.value(settings)
  }

  /// Opens a file of one attempt. Any thread.
  /// - Parameters:
  ///   - name: Relative to the output folder: `part-00000.parquet`, `_rejected/part-00000.jsonl`.
  ///   - attempt: Different for every attempt of every task of the run: the text of a `TaskAttemptID`.
  package func create(name: String, attempt: String) throws(StorageError) -> StagedSink {
    try create(name: name, attempt: attempt, in: try commit())
  }

  func create(name: String, attempt: String, in commit: any OutputCommit) throws(StorageError) -> StagedSink {
    try StagingArea.check(name: name)
    guard StagingArea.isPlain(attempt.split(separator: "/", omittingEmptySubsequences: false).joined()) else {
      throw .invalid(
        location: "attempt '\(attempt)'", message: "expected letters, digits, '.', '_', '-' and '/'")
    }
    return try commit.stage(name, attempt: attempt, tag: tag)
  }

  func commit() throws(StorageError) -> any OutputCommit {
    try ObjectStores.store(for: output, settings: settings).commit(self)
  }

  /// A name must stay inside the folder, and must not hide the file from readers by accident.
  static func check(name: String) throws(StorageError) {
    let parts = name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard !name.utf8.contains(0), name != Manifest.fileName,
      parts.allSatisfy({ !$0.isEmpty && $0.first != UInt8(ascii: ".") })
    else {
      throw .invalid(
        location: "output file '\(name)'",
        message: "expected a relative path without a name that begins with '.'")
    }
  }

  private static func isPlain(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 100 && text != "." && text != ".."
      && text.utf8.allSatisfy { $0.isLetterOrDigit || "._-".utf8.contains($0) }
  }
}
