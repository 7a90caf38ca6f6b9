import Basics
import Driver
import Jobs
import Telemetry
import Wire

/// The data source of the web server: a running driver, or event logs of finished jobs.
protocol WebSource: Sendable {
  var isHistory: Bool { get }
  /// Whether it accepts jobs.
  var isReady: Bool { get }

  /// The newest first.
  func jobs(_ state: JobRecord.State?) -> [JobRecord]
  func job(_ id: JobID) -> JobRecord?
  func cluster() -> [String: JSONValue]
  /// The JSON text that a job's page is drawn from.
  func page(of id: JobID) -> String?
  func metrics(_ text: inout MetricsText)

  /// - Throws: ``WebError``, or a disk error.
  func submit(_ submission: JobSubmission, as id: JobID?) throws -> JobLedger.Admission
  var registry: StepRegistry { get }
  /// - Returns: nil if there is no such job.
  func cancel(_ id: JobID) throws(WebError) -> JobRecord?

  /// Waits until something changes after `version`, at most `limit`.
  /// - Returns: The current version.
  func wait(beyond version: Int, _ limit: Duration) -> Int
}

/// A running driver.
struct DriverSource: WebSource {
  let driver: Driver
  let telemetry: Telemetry
  /// The event logs that it writes; nil if none.
  let history: HistorySource?

  var isHistory: Bool { false }
  var isReady: Bool { driver.isOpen }
  var registry: StepRegistry { driver.registry }

  func jobs(_ state: JobRecord.State?) -> [JobRecord] { driver.jobs.list(state) }
  func job(_ id: JobID) -> JobRecord? { driver.jobs[id] }
  func cluster() -> [String: JSONValue] { telemetry.snapshot().clusterJSON(now: .now) }
  func cancel(_ id: JobID) -> JobRecord? { driver.cancel(id) }

  /// The ledger has a job at once, the view a little later. The view drops old jobs, which are in the event logs.
  func page(of id: JobID) -> String? {
    telemetry.snapshot().page(of: id, now: .now) ?? history?.page(of: id)
      ?? job(id).map { JSONText.compact(JobView($0).pageJSON(workers: [:], now: .now)) }
  }

  func submit(_ submission: JobSubmission, as id: JobID?) throws -> JobLedger.Admission {
    try driver.submit(submission, as: id, listener: nil)
  }

  func metrics(_ text: inout MetricsText) {
    let counts = driver.jobs.counts
    telemetry.snapshot().metrics(&text, running: counts.running, waiting: counts.waiting, now: .now)
  }

  func wait(beyond version: Int, _ limit: Duration) -> Int {
    telemetry.wait(beyond: version, limit)
    return telemetry.snapshot().version
  }
}
