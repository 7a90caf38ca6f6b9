import Basics
import Wire

/// Where the task attempts of one run write their files until the driver publishes them. Goes to the workers in the parameters
/// of a stage.
///
/// On local disk it is a folder beside the output, `.<output>.<run>.staging/`, in which every attempt has a folder of its own: the
/// output does not change before it is published, and a late attempt can never touch what was.
package struct StagingArea: Hashable, Sendable, WireCodable {
  /// The canonical URI of the output folder.
  package let output: String
  /// Different for every run that may write this output: a job id, or job and step. `[A-Za-z0-9._-]`.
  package let run: String
  /// Of the job; they say how the store is reached, for its input too.
  package let settings: Settings
  /// Goes into the names of data files where they lie in the output folder before they are published (on S3).
  package let tag: String

  /// - Throws: `StorageError.invalid`.
  package init(
    output: String, run: String, settings: Settings = Settings(),
    tag: String = StagingArea.tag(fingerprint: nil)
  ) throws(StorageError) {
    self.output = try ObjectURI(output).resolved().description
    self.run = run
    self.settings = settings
    self.tag = tag
    guard StagingArea.isPlain(run), StagingArea.isTag(tag) else {
      throw .invalid(place: "run '\(run)', '\(tag)'", message: "expected letters, digits, '.', '_' and '-'")
    }
  }

  /// The first half of a fingerprint, else random.
  package static func tag(fingerprint: String?) -> String {
    if let fingerprint, fingerprint.utf8.count >= 16 { return String(fingerprint.prefix(16)) }
    let digits = String(UInt64.random(in: .min ... .max), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  static func isTag(_ text: String) -> Bool {
    text.utf8.count == 16
      && text.utf8.allSatisfy {
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || UInt8(ascii: "a")...UInt8(ascii: "f") ~= $0
      }
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    let output = try reader.string()
    let run = try reader.string()
    let tag = try reader.string()
    let settings: Settings = try reader.value()
    guard let area = try? StagingArea(output: output, run: run, settings: settings, tag: tag),
      area.output == output
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
    try StagingArea.check(name: name)
    // '/' is the one character of a task attempt's text that a folder's name cannot have.
    let folder = attempt.split(separator: "/", omittingEmptySubsequences: false).joined(separator: "+")
    guard StagingArea.isPlain(folder.split(separator: "+").joined()) else {
      throw .invalid(
        place: "attempt '\(attempt)'", message: "expected letters, digits, '.', '_', '-' and '/'")
    }
    if case .s3 = try ObjectURI(output).location {
      let place = try S3OutputPlace(output, settings: settings)
      let name = S3OutputPlace.tagged(name, tag)
      return StagedSink(
        name: name, sink: S3Sink(place.bucket, key: place.key(name), publishes: false))
    }
    let attempts = try attemptsFolder()
    guard let status = try SystemCall.statusOfLink(attempts), status.isFolder else {
      throw .invalid(
        place: attempts,
        message:
          "the staging folder of this run is not there: the run is over, or this worker does not share the "
          + "driver's disk (then write to s3:// instead)")
    }
    let path = "\(attempts)/\(folder)/\(name)"
    // Never the staging folder itself: an attempt that outlives the run must not bring it back.
    try LocalFolder.create(LocalFolder.parent(of: "\(folder)/\(name)"), in: attempts)
    // The commit moves it, and makes it durable there: once for all files, and no slot waits for a disk.
    let sink = try LocalSink(path: path, durability: .begun, makesFolders: false)
    return StagedSink(name: name, path: path, sink: sink)
  }

  func makeCommit() throws(StorageError) -> any OutputCommit {
    switch try ObjectURI(output).location {
    case .file: try LocalCommit(self)
    case .s3: try S3Commit(self)
    case .kafka: throw ObjectStores.unsupported(try ObjectURI(output))
    }
  }

  func localFolder() throws(StorageError) -> String {
    let uri = try ObjectURI(output)
    guard case .file(let path) = uri.location else { throw ObjectStores.unsupported(uri) }
    guard path != "/" else { throw .invalid(place: path, message: "cannot be an output folder") }
    return LocalFolder.join(LocalFolder.parent(of: path), ".\(LocalFolder.name(of: path)).\(run).staging")
  }

  func attemptsFolder() throws(StorageError) -> String { try localFolder() + "/attempts" }

  /// A name must stay inside the folder it is put in, and visible parts of it must not be hidden from readers by accident.
  static func check(name: String) throws(StorageError) {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard !name.utf8.contains(0), name != Manifest.fileName,
      parts.allSatisfy({ !$0.isEmpty && !$0.hasPrefix(".") })
    else {
      throw .invalid(
        place: "output file '\(name)'", message: "expected a relative path without '.' in front of a name")
    }
  }

  private static func isPlain(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 100 && text != "." && text != ".."
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }
}

/// A file on its way into the staging area.
package final class StagedSink: ByteSink {
  private let name: String
  private let sink: any ByteSink
  /// Where it is once it is closed.
  private let place: () -> (staged: String, parts: [StagedPart])
  private var bytes = 0
  private var closed = false

  init(name: String, path: String, sink: LocalSink) {
    self.name = name
    self.sink = sink
    place = { (path, []) }
  }

  init(name: String, sink: S3Sink) {
    self.name = name
    self.sink = sink
    place = { (sink.uploadID ?? "", sink.parts) }
  }

  package func write(_ bytes: UnsafeRawBufferPointer) throws {
    try sink.write(bytes)
    self.bytes += bytes.count
  }

  package func close() throws {
    try sink.close()
    closed = true
  }

  package func abort() { sink.abort() }

  /// What to hand to the driver, once the sink is closed.
  package func stagedFile(rows: Int) throws(StorageError) -> StagedFile {
    guard closed else { throw .invalid(place: name, message: "is not closed") }
    let (staged, parts) = place()
    return StagedFile(name: name, staged: staged, parts: parts, rows: rows, bytes: bytes)
  }
}
