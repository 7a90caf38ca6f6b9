import Basics
import Formats
import Foundation
import Storage
import Synchronization
import Wire

/// Writes a click stream as `dt=YYYY-MM-DD/part-NNNNN.jsonl…` below a folder, with several threads. The folder appears complete
/// or not at all: a run that is interrupted, fails or is killed leaves the former content.
package final class EventFiles: Sendable {
  package static let kindsFile = "_kinds.csv"
  private static let step = "events"
  /// Raise the version when the same seed gives other events.
  private static let program = StepProgram(version: 1)

  private let generator: EventGenerator
  private let output: String
  private let format: EventFormat
  private let kinds: String?
  private let threads: Int
  private let pacer: Pacer?
  private let rate: Double
  private let settings: Settings
  private let plans: PlanCache

  private let nextTask = Atomic(0)
  private let written = Atomic(0)
  private let stopped = Atomic(false)
  private let result = Mutex(Result())

  private struct Result {
    var files: [StagedFile] = []
    var bytes = 0
    var malformed = 0
    var failure: (any Error)?
  }

  /// - Parameters:
  ///   - output: URI of the folder.
  ///   - kinds: URI of the file of `user_id,kind`; nil for ``kindsFile`` in the folder.
  ///   - rate: Events per second of all threads together; nil for no limit.
  ///   - settings: Settings of object stores.
  package init(
    _ generator: EventGenerator, output: String, format: EventFormat = .zstd, kinds: String? = nil,
    threads: Int, rate: Double? = nil, settings: Settings = Settings()
  ) {
    self.generator = generator
    self.output = output
    self.format = format
    self.kinds = kinds
    self.threads = max(1, threads)
    self.rate = rate ?? 0
    self.settings = settings
    pacer = rate.map { Pacer(rate: $0) }
    plans = PlanCache(generator)
  }

  /// Events written so far; any thread.
  package var progress: Int { written.load(ordering: .relaxed) }

  /// Makes `run` fail soon with `GeneratorError.cancelled`; any thread.
  package func cancel() { stopped.store(true, ordering: .relaxed) }

  /// What the output folder contains before the run.
  package enum Existing {
    case nothing
    /// The same events, complete.
    case same
    /// Something that would be lost.
    case other
  }

  package func existing() throws -> Existing {
    let folder = try OutputFolder(output, settings: settings)
    if folder.isComplete(fingerprint: manifest().fingerprint) { return .same }
    do {
      return try ObjectStores.store(for: output, settings: settings).list(output).isEmpty ? .nothing : .other
    } catch StorageError.notFound {
      return .nothing
    }
  }

  /// Blocks until everything is written and visible. Called once.
  package func run() throws -> EventFilesSummary {
    let start = ContinuousClock.now
    let committer = try OutputCommitter(
      output: output, run: "events", settings: settings, fingerprint: manifest().fingerprint)
    try committer.begin(replacingAs: EventFiles.step)
    defer { committer.abort() }
    let group = DispatchGroup()
    for number in 0..<threads {
      group.enter()
      let thread = Thread { [self, staging = committer.staging] in
        writeTasks(staging)
        group.leave()
      }
      thread.name = "events-\(number)"
      thread.start()
    }
    // This thread writes the side file meanwhile.
    let side = Swift.Result { try writeKinds(committer.staging) }
    if case .failure = side { cancel() }
    group.wait()
    let result = result.withLock { $0 }
    if let failure = result.failure { throw failure }
    let sideFiles = try side.get()
    if stopped.load(ordering: .relaxed) { throw GeneratorError.cancelled }
    let files = result.files.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    var manifest = manifest()
    manifest.extra[Manifest.dateFoldersKey] = "dt"
    manifest.extra["malformed"] = String(result.malformed)
    // Does not wait for the disk: after a power cut, the same seed gives the same files.
    let published = try committer.publish(
      files: files, sideFiles: sideFiles, manifest: manifest, durable: false)
    return EventFilesSummary(
      events: progress, malformed: result.malformed, files: files.count, bytes: result.bytes,
      storedBytes: published.bytes, seconds: start.duration(to: .now) / .seconds(1))
  }

  private func manifest() -> Manifest {
    let parameters = generator.parameters
    return Manifest(
      step: EventFiles.step, program: EventFiles.program,
      parameters: [
        "events": String(parameters.events), "users": String(parameters.users),
        "seed": String(parameters.seed),
        "startDate": CivilDate.text(parameters.startDay), "days": String(parameters.days),
        "filesPerDay": String(parameters.filesPerDay), "isoTimestamps": String(parameters.isoTimestamps),
        "malformed": String(parameters.malformedShare), "sessionless": String(parameters.sessionlessShare),
        "format": format.rawValue, "kinds": kinds ?? EventFiles.kindsFile,
      ],
      inputs: [])
  }

  // MARK: - Threads

  /// A task is a file; the days of a group of users follow each other.
  private func writeTasks(_ staging: StagingArea) {
    let days = generator.parameters.days
    let batch = EventBatch()
    while !stopped.load(ordering: .relaxed) {
      let task = nextTask.wrappingAdd(1, ordering: .relaxed).oldValue
      guard task < days * generator.parameters.filesPerDay else { return }
      do {
        try writeFile(group: task / days, day: task % days, batch: batch, staging: staging)
      } catch {
        result.withLock { $0.failure = $0.failure ?? error }
        cancel()
      }
    }
  }

  private func writeFile(group: Int, day: Int, batch: EventBatch, staging: StagingArea) throws {
    let stream = generator.stream(plans.plan(group: group), day: day)
    // At a low rate, a quarter of a second at a time.
    let limit = pacer == nil ? Int.max : max(1, Int(rate / 4))
    guard stream.fill(batch, limit: limit) else { return }
    let number = String(100_000 + group).dropFirst()
    let date = CivilDate.text(generator.parameters.startDay + day)
    let name = "dt=\(date)/part-\(number).\(format.rawValue)"
    let staged = try staging.create(name: name, attempt: "events-\(group)-\(day)")
    let sink = try CompressingSink(staged, codec: format.codec, location: name)
    var lines = 0
    var events = 0
    var bytes = 0
    do {
      repeat {
        pacer?.wait(batch.events) { stopped.load(ordering: .relaxed) }
        if stopped.load(ordering: .relaxed) { return sink.abort() }
        try sink.write(batch.bytes)
        lines += batch.records.count
        events += batch.events
        bytes += batch.bytes.count
        written.wrappingAdd(batch.events, ordering: .relaxed)
      } while stream.fill(batch, limit: limit)
      try sink.close()
    } catch {
      sink.abort()
      throw error
    }
    let file = try staged.stagedFile(rows: lines)
    result.withLock { result in
      result.files.append(file)
      result.bytes += bytes
      result.malformed += lines - events
    }
  }

  private func writeKinds(_ staging: StagingArea) throws -> [StagedFile] {
    if let kinds {
      try generator.writeKinds(to: try ObjectStores.sink(for: kinds, settings: settings))
      return []
    }
    let sink = try staging.create(name: EventFiles.kindsFile, attempt: "kinds")
    return [try sink.stagedFile(rows: try generator.writeKinds(to: sink))]
  }
}
