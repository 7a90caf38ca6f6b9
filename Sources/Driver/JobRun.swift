import Engine
import Foundation
import Jobs
import Synchronization
import Telemetry
import Wire

/// One run of a job on the driver: runs its unfinished steps in order, on the job's own thread.
package final class JobRun: JobSession {
  /// The id shown to people.
  package let id: JobID
  /// The id of this run, used by its tasks and files.
  package let job: JobID
  private let submission: JobSubmission
  private let firstStep: Int
  private let driver: Driver
  private let isCancelled = Atomic(false)
  /// Why it fails; nil if a user cancelled it.
  private let reason = Mutex<String?>(nil)
  private let step = Atomic(0)
  private let shown = Mutex<[StageSnapshot]>([])

  package init(_ start: JobLedger.Start, driver: Driver) {
    id = start.record.id
    job = start.record.runID
    submission = start.submission
    firstStep = start.record.nextStep
    self.driver = driver
  }

  /// The index of the running step.
  package var currentStep: Int { step.load(ordering: .relaxed) }

  package func emit(_ event: JobEvent) { driver.jobs.happened(event, to: id) }

  package func cancel(because reason: String? = nil) {
    self.reason.withLock { $0 = $0 ?? reason }
    isCancelled.store(true, ordering: .sequentiallyConsistent)
    driver.post(.cancel(job))
  }

  /// The job's thread. Always ends with `finished`.
  package func main() {
    do {
      let resolved = try ResolvedJob(json: submission.text, registry: driver.registry)
      for index in resolved.steps.indices where index >= firstStep { try run(resolved, index) }
      emit(.finished(.done))
    } catch JobFailure.cancelled {
      emitCancelled()
    } catch TaskFailure.cancelled {
      emitCancelled()
    } catch {
      emit(.finished(.failed(JobRun.message(error))))
    }
  }

  private func emitCancelled() {
    emit(.finished(reason.withLock { $0 }.map { .failed($0) } ?? .cancelled))
  }

  private func run(_ resolved: ResolvedJob, _ index: Int) throws {
    try checkCancelled()
    step.store(index, ordering: .relaxed)
    let started = resolved.steps[index]
    emit(.stepStarted(index: index, type: started.type, name: started.name))
    let start = ContinuousClock.now
    let report = try resolved.run(index, self, force: submission.force)
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    emit(.stepFinished(index: index, seconds: seconds, report: report))
  }

  private static func message(_ error: any Error) -> String {
    switch error {
    case let failure as JobFailure: failure.description
    case let failure as TaskFailure: failure.message
    default: String(describing: error)
    }
  }

  // MARK: JobSession

  package func run(_ graph: StageGraph) throws -> [TaskResult] {
    try checkCancelled()
    return try driver.run(graph, of: job) {
      // A cancel before the scheduler knew the job had no effect.
      if isCancelled.load(ordering: .sequentiallyConsistent) { driver.post(.cancel(job)) }
    }
  }

  package func dropCache(prefix: String) { driver.post(.dropCache(job, prefix: prefix)) }

  package func checkCancelled() throws {
    if isCancelled.load(ordering: .sequentiallyConsistent) { throw JobFailure.cancelled }
  }

  package func status(_ line: String) { emit(.status(line)) }

  // MARK: progress, called from the driver's event thread

  package func progress(_ stages: [StageSnapshot]) { show(stages, isDone: false) }

  package func finishedStages(_ stages: [StageSnapshot]) { show(stages, isDone: true) }

  private func show(_ stages: [StageSnapshot], isDone: Bool) {
    let changed = shown.withLock { shown in
      guard shown != stages || isDone else { return false }
      shown = stages
      return !stages.isEmpty
    }
    guard changed else { return }
    if !isDone {
      driver.observe([ClusterEvent(at: .now, .stages(id, stages.map(StageNumbers.init), isEnd: false))])
    }
    let step = currentStep
    emit(
      .progress(
        stages.map {
          StageProgress(
            step: step, stage: $0.id.number, name: $0.name, tasks: $0.tasks, running: $0.running,
            done: $0.done,
            failedAttempts: $0.failedAttempts, metrics: $0.metrics, elapsedSeconds: $0.elapsed / .seconds(1),
            isDone: isDone || $0.done == $0.tasks)
        }))
  }
}
