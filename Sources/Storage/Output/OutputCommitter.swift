import Wire

/// Publishes the output of one run, once: the driver's half of the commit. Blocking; one thread at a time.
///
/// `begin` locks the output; attempts write to the staging area; `publish` makes the winners' files the output in one step, so
/// whoever reads it finds the old one or the new one, complete, never parts of both; `abort` leaves it as it was.
package final class OutputCommitter {
  /// For the workers.
  package let staging: StagingArea
  /// What the output held when `begin` had locked it: what an append adds to. Nobody else changes it until the end of the run.
  package private(set) var previous: Manifest?

  private let commit: any OutputCommit
  private let folder: OutputFolder
  private var hasBegun = false

  /// - Parameters:
  ///   - output: The URI of the folder.
  ///   - run: See ``StagingArea/run``.
  ///   - settings: Of the job; they say how a store is reached.
  ///   - fingerprint: Of the output, where it is known beforehand. On S3 it goes into the names of files, so that the same
  ///     output has the same names; without it they are different in every run, as an append needs.
  package init(
    output: String, run: String, settings: Settings = Settings(), fingerprint: String? = nil
  ) throws {
    var location = try ObjectURI(output).resolved()
    if case .file(let path) = location.location {
      location = ObjectURI(.file(path: try LocalCommit.canonical(path)))
    }
    staging = try StagingArea(
      output: location.description, run: run, settings: settings,
      tag: StagingArea.tag(fingerprint: fingerprint))
    folder = try OutputFolder(staging.output, settings: settings)
    commit = try staging.makeCommit()
  }

  deinit { abort() }

  /// - Parameters:
  ///   - step: The type of the step, where the output is replaced.
  ///   - waits: Told, in words, when the output cannot be had at once: what is waited for, and for how long.
  /// - Throws: `StorageError.invalid` where another run is writing this output, or where it holds files that are not ours or that
  ///   no other step may replace.
  package func begin(replacingAs step: String? = nil, waits: (String) -> Void = { _ in }) throws {
    try commit.begin(waits: waits)
    hasBegun = true
    previous = try folder.manifest()
    guard let step, let kept = previous?.step, kept != step, Manifest.sources.contains(kept) else { return }
    abort()
    throw StorageError.invalid(
      place: staging.output,
      message:
        "holds the events of a run of '\(kept)', which a new output would remove; move or delete them, or "
        + "choose another output folder")
  }

  /// Writes a small file of the driver's own (`_model.json`), to be published with the others.
  package func stage(name: String, bytes: [UInt8], rows: Int = 0) throws -> StagedFile {
    let sink = try staging.create(name: name, attempt: "driver")
    try bytes.withUnsafeBytes { try sink.write($0) }
    try sink.close()
    return try sink.stagedFile(rows: rows)
  }

  /// Puts the output in place and ends the run. Where this throws, the output is as it was before.
  /// - Parameters:
  ///   - files: One attempt's file of each name: the data. What other attempts wrote is dropped.
  ///   - sideFiles: Files that are no data (their names begin with `_`).
  ///   - manifest: What it says of files is filled in here.
  ///   - appends: The output then holds the files of ``previous`` too, as they are. A new file must have a name of its own.
  ///   - durable: Whether the bytes are on the disk before the output changes. False for what is cheap to make again.
  /// - Returns: The manifest as published.
  @discardableResult
  package func publish(
    files: [StagedFile], sideFiles: [StagedFile] = [], manifest: Manifest, appends: Bool = false,
    durable: Bool = true
  ) throws -> Manifest {
    guard hasBegun else {
      throw StorageError.invalid(
        place: staging.output, message: "published without begin, or a second time")
    }
    let kept = appends ? previous : nil
    var manifest = manifest
    manifest.fill(files: files, sideFiles: sideFiles, keeping: kept)
    var names: Set<String> = []
    for file in manifest.files + manifest.sideFiles where !names.insert(file.name).inserted {
      throw StorageError.invalid(place: staging.output, message: "two files of one name: \(file.name)")
    }
    for name in names { try StagingArea.check(name: name) }
    try commit.publish(
      Commit(
        files: files + sideFiles, kept: ((kept?.files ?? []) + (kept?.sideFiles ?? [])).map(\.name),
        manifest: try manifest.encoded(), isDurable: durable))
    hasBegun = false
    return manifest
  }

  /// Ends the run and leaves the output as it is. May be called at any time; never throws: what cannot be removed is removed
  /// by the next run.
  package func abort() {
    commit.abort()
    hasBegun = false
  }
}

/// What becomes the output.
struct Commit {
  /// One attempt's file of each name.
  let files: [StagedFile]
  /// Names of files of the present output that stay.
  let kept: [String]
  /// The bytes of `_SUCCESS`.
  let manifest: [UInt8]
  let isDurable: Bool
}

/// How one kind of store commits. Used by one thread at a time.
protocol OutputCommit: AnyObject {
  /// - Parameter waits: See ``OutputCommitter/begin(waits:)``.
  func begin(waits: (String) -> Void) throws
  /// Ends the run too.
  func publish(_ commit: Commit) throws
  /// Any number of times, at any time.
  func abort()
}
