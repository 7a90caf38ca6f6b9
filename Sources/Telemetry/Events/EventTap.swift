import Basics
import Engine
import Wire

/// Turns the scheduler's inputs and decisions into events for observers. Pure; used by the driver's event thread.
package struct EventTap: Sendable {
  private struct Running: Sendable {
    let worker: WorkerID
    let sent: Moment
  }

  /// Tasks per worker: its slots, and the tasks queued behind them.
  private var running: [TaskAttemptID: Running] = [:]
  /// Maps the id of a run to the job's id.
  private var names: [JobID: JobID] = [:]
  private var conditions: [WorkerID: WorkerCondition] = [:]

  package init() {}

  /// A graph was accepted and its stages were numbered.
  package mutating func began(
    _ graph: StageGraph, of run: JobID, job: JobID, step: Int, _ stages: [StageSnapshot], at now: Moment
  ) -> ClusterEvent {
    names[run] = job
    let outlines = zip(graph.stages, stages).map { spec, stage in
      PlannedStage(
        number: stage.id.number, name: spec.name, operatorName: spec.operatorName, tasks: spec.tasks.count,
        upstream: spec.upstream.compactMap { stages.indices.contains($0) ? stages[$0].id.number : nil },
        feedsShuffle: spec.shufflePartitions != nil)
    }
    return ClusterEvent(at: now, .graphStarted(job, step: step, outlines))
  }

  /// Called before the scheduler applies the input.
  package mutating func take(_ event: SchedulerEvent, at now: Moment, into events: inout [ClusterEvent]) {
    switch event {
    case .workerJoined(let worker, let info):
      conditions[worker] = .ready
      events.append(ClusterEvent(at: now, .workerJoined(worker, info)))
    case .message(let worker, .reports(let reports)):
      for report in reports { end(report, on: worker, at: now, into: &events) }
    case .release(let run): names[run] = nil
    default: break
    }
  }

  private mutating func end(
    _ report: TaskReport, on worker: WorkerID, at now: Moment, into events: inout [ClusterEvent]
  ) {
    guard let held = running[report.attempt], held.worker == worker else { return }
    running[report.attempt] = nil
    let outcome: AttemptRecord.Outcome
    var started = held.sent
    switch report.outcome {
    case .success(let success):
      outcome = .success(success.metrics)
      // It may have been queued; the worker's own time must not place its start before it was sent.
      let claimed = now.microseconds.subtractingReportingOverflow(Int64(success.metrics.microseconds))
      if !claimed.overflow { started = max(held.sent, Moment(microseconds: claimed.partialValue)) }
    case .failure(let failure): outcome = .failed(failure)
    }
    append(report.attempt, held, started, outcome, at: now, into: &events)
  }

  /// Records the scheduler's decisions.
  package mutating func take(_ action: SchedulerAction, at now: Moment, into events: inout [ClusterEvent]) {
    switch action {
    case .send(let worker, .launch(let batch)):
      for task in batch.tasks { running[task.attempt] = Running(worker: worker, sent: now) }
    case .disconnect(let worker, let departure):
      conditions[worker] = nil
      let lost = running.filter { $0.value.worker == worker }.sorted { $0.key < $1.key }
      for (attempt, held) in lost {
        running[attempt] = nil
        append(attempt, held, held.sent, .lost, at: now, into: &events)
      }
      events.append(ClusterEvent(at: now, .workerLost(worker, departure)))
    case .finished(let run, _, let stages):
      guard let job = names[run] else { return }
      events.append(ClusterEvent(at: now, .stages(job, stages.map(StageNumbers.init), isEnd: true)))
    default: break
    }
  }

  private func append(
    _ attempt: TaskAttemptID, _ held: Running, _ started: Moment, _ outcome: AttemptRecord.Outcome,
    at now: Moment, into events: inout [ClusterEvent]
  ) {
    guard let job = names[attempt.task.stage.job] else { return }
    let record = AttemptRecord(
      job: job, stage: attempt.task.stage.number, partition: attempt.task.partition, attempt: attempt.attempt,
      worker: held.worker, started: started, ended: now, outcome: outcome)
    events.append(ClusterEvent(at: now, .attemptEnded(record)))
  }

  /// Records changes in the state of workers.
  /// - Parameter moment: Converts a time since the driver's start to wall-clock time.
  package mutating func look(
    at workers: [WorkerSnapshot], now: Moment, moment: (Duration) -> Moment, into events: inout [ClusterEvent]
  ) {
    for worker in workers {
      let condition: WorkerCondition =
        if worker.isDraining {
          .draining
        } else if let exclusion = worker.exclusion {
          .excluded(until: moment(exclusion.until), reason: exclusion.reason)
        } else {
          worker.isQuiet ? .quiet : .ready
        }
      guard let former = conditions.updateValue(condition, forKey: worker.id), former != condition else {
        continue
      }
      events.append(ClusterEvent(at: now, .workerChanged(worker.id, condition)))
    }
    let loads = workers.map {
      WorkerLoad(worker: $0.id, running: $0.running, queued: $0.queued, lastHeard: moment($0.lastHeard))
    }
    events.append(ClusterEvent(at: now, .workerLoads(loads)))
  }
}
