/// How one kind of store publishes an output. Workers `stage` files; the driver begins, publishes and ends the run. `stage` may be called
/// from any thread, the rest from one thread at a time.
package protocol OutputCommit: AnyObject {
  /// Opens a file of one attempt.
  /// - Parameters:
  ///   - name: Relative to the output folder; checked.
  ///   - attempt: Different for every attempt of the run; checked.
  ///   - tag: See ``FileTag``.
  func stage(_ name: String, attempt: String, tag: String) throws(StorageError) -> StagedSink
  /// Locks the output and removes what dead runs left.
  /// - Parameter waits: See ``OutputCommitter/begin(replacingAs:waits:)``.
  func begin(waits: (String) -> Void) throws
  /// Puts the output in place and ends the run.
  func publish(_ commit: Commit) throws
  /// Ends the run. May be called at any time, any number of times.
  func abort()
}

/// What becomes the output.
package struct Commit {
  /// One attempt's file of each name.
  package let files: [StagedFile]
  /// Names of files of the present output that stay.
  package let kept: [String]
  /// The bytes of `_SUCCESS`.
  package let manifest: [UInt8]
  package let isDurable: Bool
}

/// A file that an attempt is writing.
package final class StagedSink: ByteSink {
  private let name: String
  private let sink: any ByteSink
  /// Where the closed file is: see ``StagedFile/staged``.
  private let location: () -> (staged: String, parts: [UploadPart])
  private var bytes = 0
  private var closed = false

  init(
    name: String, sink: any ByteSink, location: @escaping () -> (staged: String, parts: [UploadPart])
  ) {
    self.name = name
    self.sink = sink
    self.location = location
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

  /// Writes the whole file: `body` writes and returns the number of rows.
  package func file(_ body: (StagedSink) throws -> Int) throws -> StagedFile {
    try stagedFile(rows: try closing { try body(self) })
  }

  /// What to hand to the driver, once the sink is closed.
  package func stagedFile(rows: Int) throws(StorageError) -> StagedFile {
    guard closed else { throw .invalid(location: name, message: "is not closed") }
    let (staged, parts) = location()
    return StagedFile(name: name, staged: staged, parts: parts, rows: rows, bytes: bytes)
  }
}
