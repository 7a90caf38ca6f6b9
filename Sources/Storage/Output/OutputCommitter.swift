import Wire

/// Publishes the output of one run, once: the driver's half of the commit. Blocking; one thread at a time.
///
/// `begin` locks the output; attempts write to the staging area; `publish` makes the winners' files the output in one step, so a reader
/// finds the old output or the new one, complete, and never parts of both; `abort` leaves it as it was.
package final class OutputCommitter {
  /// For the workers. Final once `begin` has returned.
  package private(set) var staging: StagingArea
  /// What the output held when `begin` had locked it: what an append adds to. Nobody else changes it until the end of the run.
  package private(set) var previous: Manifest?

  private var commit: any OutputCommit
  private let folder: OutputFolder
  private let fingerprint: String?
  private var hasBegun = false

  /// - Parameters:
  ///   - output: The URI of the folder.
  ///   - run: See ``StagingArea/run``.
  ///   - settings: Of the job; they say how a store is reached.
  ///   - fingerprint: Of the output, where it is known beforehand. It goes into the names of files in object stores, so that the same output
  ///     has the same names. Without it they are different in every run, as an append needs.
  package convenience init(
    output: String, run: String, settings: Settings = Settings(), fingerprint: String? = nil
  ) throws {
    try self.init(
      output: output, run: run, settings: settings, fingerprint: fingerprint,
      in: try ObjectStores.store(for: output, settings: settings))
  }

  package init(
    output: String, run: String, settings: Settings = Settings(), fingerprint: String? = nil,
    in store: any ObjectStore
  ) throws {
    let uri = try store.outputFolder(try ObjectURI(output).resolved())
    staging = try StagingArea(output: uri.description, run: run, settings: settings)
    self.fingerprint = fingerprint
    folder = try OutputFolder(staging.output, in: store)
    commit = try store.commit(staging)
  }

  deinit { abort() }

  /// - Parameters:
  ///   - step: The type of the step, if the output is replaced.
  ///   - waits: Called with a message if the output is locked: what the run waits for, and for how long.
  /// - Throws: `StorageError.invalid` if another run is writing this output, or if it contains files that are not ours or that no other
  ///   step may replace.
  package func begin(replacingAs step: String? = nil, waits: (String) -> Void = { _ in }) throws {
    try commit.begin(waits: waits)
    hasBegun = true
    previous = try folder.manifest()
    if let fingerprint { staging.tag = FileTag.of(fingerprint: fingerprint, avoiding: previous) }
    guard let step, let kept = previous?.step, kept != step, Manifest.sources.contains(kept) else { return }
    abort()
    throw StorageError.invalid(
      location: staging.output,
      message:
        "contains the events of a run of '\(kept)', which a new output would remove; move or delete them, or "
        + "choose another output folder")
  }

  /// Writes a small file of the driver's own (`_model.json`), to be published with the others.
  package func stage(name: String, bytes: [UInt8], rows: Int = 0) throws -> StagedFile {
    try staging.create(name: name, attempt: "driver", in: commit).file { sink in
      try sink.write(bytes)
      return rows
    }
  }

  /// Puts the output in place and ends the run. If this throws, the output is as it was before.
  /// - Parameters:
  ///   - files: The data: one attempt's file of each name. Files of other attempts are dropped.
  ///   - sideFiles: Files that are not data; their names begin with `_`.
  ///   - manifest: Its lists of files are filled in here.
  ///   - appends: Keeps the files of ``previous`` as they are. A new file must have a new name.
  ///   - durable: Whether the bytes are on disk before the output changes. False for what is cheap to make again.
  /// - Returns: The manifest as published.
  @discardableResult
  package func publish(
    files: [StagedFile], sideFiles: [StagedFile] = [], manifest: Manifest, appends: Bool = false,
    durable: Bool = true
  ) throws -> Manifest {
    guard hasBegun else {
      throw StorageError.invalid(
        location: staging.output, message: "published without begin, or a second time")
    }
    let kept = appends ? previous : nil
    var manifest = manifest
    manifest.fill(files: files, sideFiles: sideFiles, keeping: kept)
    var names: Set<ObjectName> = []
    for name in manifest.names {
      try StagingArea.check(name: name)
      guard names.insert(ObjectName(name)).inserted else {
        throw StorageError.invalid(location: staging.output, message: "two files have the name \(name)")
      }
    }
    try commit.publish(
      Commit(
        files: files + sideFiles, kept: kept?.names ?? [],
        manifest: try manifest.encoded(), isDurable: durable))
    hasBegun = false
    return manifest
  }

  /// Ends the run and leaves the output as it is. May be called at any time; never throws: the next run removes what this one cannot.
  package func abort() {
    commit.abort()
    hasBegun = false
  }
}
