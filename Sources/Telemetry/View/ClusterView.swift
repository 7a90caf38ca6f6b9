import Basics
import Engine
import Jobs
import Wire

/// The cluster as pages and metrics show it, folded from events. Pure. Its size is bounded by workers and running jobs, not by
/// tasks.
package struct ClusterView: Sendable {
  static let formerLimit = 20
  /// The final pages of finished jobs, as JSON text.
  static let endedLimit = 200

  package private(set) var driver = (name: "driver", version: "", started: Moment.now)
  package private(set) var workers = [WorkerID: WorkerView]()
  private(set) var former: [FormerWorker] = []
  package private(set) var jobs: [JobID: JobView] = [:]
  package private(set) var totals = ClusterTotals()
  private var pages: [JobID: String] = [:]
  private var pageOrder: [JobID] = []
  /// Increases with every visible change.
  package private(set) var version = 0

  package init() {}

  package var workerList: [WorkerID] { workers.keys.sorted() }

  /// The JSON text of a job's page; nil if the job is unknown or was dropped.
  package func page(of id: JobID, now: Moment) -> String? {
    if let job = jobs[id] { return JSONText.compact(job.pageJSON(workers: workers, now: now)) }
    return pages[id]
  }

  package mutating func apply(_ events: [ClusterEvent]) {
    for event in events { apply(event) }
  }

  package mutating func apply(_ event: ClusterEvent) {
    version += 1
    let now = event.at
    switch event.what {
    case .driverStarted(let name, let version): driver = (name, version, now)
    case .workerJoined(let id, let info):
      workers[id] = WorkerView(id, info, joined: now)
      totals.workersJoined += 1
      for job in jobs.keys { jobs[job]?.know(id, info) }
    case .workerLost(let id, let departure): lose(id, departure, at: now)
    case .workerChanged(let id, let condition):
      if case .excluded = condition { totals.exclusions += 1 }
      workers[id]?.condition = condition
    case .workerLoads(let loads):
      for load in loads {
        workers[load.worker]?.running = load.running
        workers[load.worker]?.queued = load.queued
        workers[load.worker]?.lastHeard = load.lastHeard
      }
    case .jobSubmitted(let record):
      jobs[record.id] = JobView(record)
      forgetPage(of: record.id)
      totals.jobsSubmitted += 1
    case .jobStarted(let id):
      jobs[id]?.begin(at: now)
      for (worker, view) in workers { jobs[id]?.know(worker, view.info) }
    case .job(let id, let event): apply(event, to: id, at: now)
    case .graphStarted(let id, let step, let stages): jobs[id]?.begin(stages, step: step)
    case .stages(let id, let numbers, let isEnd):
      jobs[id]?.update(numbers, isEnd: isEnd, at: now)
      if isEnd { totals.speculativeAttempts += numbers.reduce(0) { $0 + $1.speculativeAttempts } }
    case .attemptEnded(let attempt):
      workers[attempt.worker]?.add(attempt)
      jobs[attempt.job]?.add(attempt)
      totals.add(attempt)
    case .dropped(let count): totals.droppedEvents += count
    }
  }

  private mutating func apply(_ event: JobEvent, to id: JobID, at now: Moment) {
    jobs[id]?.apply(event, at: now)
    if case .stepFinished(let index, let seconds, let report) = event, !report.skipped,
      let steps = jobs[id]?.record.steps, steps.indices.contains(index)
    {
      totals.addStep(steps[index].type, seconds: seconds)
    }
    guard case .finished = event, let job = jobs[id] else { return }
    totals.addJob(job.record)
    // A finished job's page is kept as text, without its sketches and lanes.
    pages[id] = JSONText.compact(job.pageJSON(workers: workers, now: now))
    pageOrder.append(id)
    jobs[id] = nil
    if pageOrder.count > ClusterView.endedLimit { pages[pageOrder.removeFirst()] = nil }
  }

  private mutating func forgetPage(of id: JobID) {
    guard pages.removeValue(forKey: id) != nil else { return }
    pageOrder.removeAll { $0 == id }
  }

  private mutating func lose(_ id: WorkerID, _ departure: WorkerDeparture, at now: Moment) {
    guard let worker = workers.removeValue(forKey: id) else { return }
    let isOrderly = worker.condition == .draining || departure.isOrderly
    if !isOrderly { totals.workersLost += 1 }
    former.append(
      FormerWorker(
        id: id, name: worker.info.name, left: now, reason: departure.description, isOrderly: isOrderly))
    if former.count > ClusterView.formerLimit { former.removeFirst() }
  }
}
