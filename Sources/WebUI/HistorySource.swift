import Basics
import CommandLine
import Jobs
import Synchronization
import Telemetry
import Transport
import Wire

/// Finished or abandoned jobs from their event logs: the same view as a driver's, fed from files.
package final class HistorySource: WebSource {
  private struct Replayed: Sendable {
    let size: Int64
    let record: JobRecord
    let page: String
  }

  let registry = StepRegistry([])
  private let folder: String
  private let log: Log
  private let pause = Monitor(())
  /// Replayed logs, valid while their file is unchanged.
  private let replayed = Mutex<[String: Replayed]>([:])

  /// - Throws: ``StateError`` if the folder cannot be read.
  package init(_ folder: String, log: Log) throws(StateError) {
    self.folder = folder
    self.log = log
    _ = try EventLogFile.list(folder)
  }

  var isHistory: Bool { true }
  var isReady: Bool { true }

  func jobs(_ state: JobRecord.State?) -> [JobRecord] {
    let files = (try? EventLogFile.list(folder)) ?? []
    return files.compactMap { replay($0)?.record }.filter { state == nil || $0.state == state }
      .sorted { ($1.submitted, $1.id.name) < ($0.submitted, $0.id.name) }
  }

  func job(_ id: JobID) -> JobRecord? { file(of: id).flatMap { replay($0)?.record } }

  func page(of id: JobID) -> String? { file(of: id).flatMap { replay($0)?.page } }

  private func file(of id: JobID) -> EventLogFile? {
    (try? EventLogFile.list(folder))?.first { $0.job == id }
  }

  private func replay(_ file: EventLogFile) -> Replayed? {
    let size = file.size
    if let known = replayed.withLock({ $0[file.path] }), known.size == size { return known }
    var replay = JobReplay()
    do throws(StateError) {
      try file.forEach { replay.apply($0) }
    } catch {
      log.write(.warning, "\(error)", job: file.job)
      return nil
    }
    guard let record = replay.record, record.id == file.job, let page = replay.page else {
      log.write(.warning, "\(file.path): no job of that name was submitted in it", job: file.job)
      return nil
    }
    let made = Replayed(size: size, record: record, page: page)
    replayed.withLock { $0[file.path] = made }
    return made
  }

  func cluster() -> [String: JSONValue] {
    [
      "driver": ["name": "history", "version": .string(Version.current), "now": .string(Moment.now.text)],
      "slots": 0, "runningTasks": 0, "queuedTasks": 0, "memory": 0, "workers": [], "formerWorkers": [],
      "problems": [], "totals": ClusterTotals().json,
    ]
  }

  func metrics(_ text: inout MetricsText) { text.addBuild() }

  func submit(_ submission: JobSubmission, as id: JobID?) throws -> JobLedger.Admission {
    throw WebError.readOnly
  }

  func cancel(_ id: JobID) throws(WebError) -> JobRecord? { throw .readOnly }

  /// Polls, as nothing announces new logs.
  func wait(beyond version: Int, _ limit: Duration) -> Int {
    _ = pause.wait(limit) { _ in Int?.none }
    return Int(Moment.now.microseconds / 3_000_000)
  }
}
