import Engine
import Glibc
import Synchronization
import Transport
import Wire

/// The jobs that run on a driver.
final class JobTable: Sendable {
  private struct State: Sendable {
    var runs: [JobID: JobRun] = [:]
    var lastProgress: Duration = .zero
  }

  private let state = Monitor(State())

  /// Time and a counter: ids sort by age, and stay short enough to cost no allocation where they are compared.
  func newID() -> JobID {
    var second = timespec()
    clock_gettime(CLOCK_REALTIME, &second)
    let number = JobTable.counter.add(1, ordering: .relaxed).oldValue
    return JobID("j" + String(second.tv_sec, radix: 36) + "-" + String(number, radix: 36))
  }

  private static let counter = Atomic(1)

  subscript(job: JobID) -> JobRun? { state.withLock { $0.runs[job] } }

  func add(_ run: JobRun) { state.change { $0.runs[run.job] = run } }

  func remove(_ run: JobRun) { _ = state.change { $0.runs.removeValue(forKey: run.job) } }

  func cancelAll() { for run in state.withLock({ Array($0.runs.values) }) { run.cancel() } }

  func waitUntilEmpty(_ limit: Duration) { _ = state.wait(limit) { $0.runs.isEmpty ? true : nil } }

  /// Tells each job's client how far its stages are, at most ten times a second.
  func showProgress(now: Duration, _ stages: (JobID) -> [StageSnapshot]) {
    let due = state.withLock { state -> [JobRun] in
      guard now - state.lastProgress >= .milliseconds(100) else { return [] }
      state.lastProgress = now
      return Array(state.runs.values)
    }
    for run in due { run.progress(stages(run.job)) }
  }
}
