import Basics
import Engine
import Jobs
import Telemetry
import Wire

extension FuzzTarget {
  /// The event log of a job as read by a history server. Events survive writing, and the page can be rendered.
  static let eventLog = FuzzTarget("event-log") {
    let now = Moment(microseconds: 1_764_000_000_000_000)
    let job = JobID("j")
    var record = JobRecord(
      id: job, name: "nightly", isDetached: true, digest: "d", steps: [("features", "features")],
      submitted: now)
    var metrics = TaskMetrics()
    metrics.rowsRead = 5
    metrics.microseconds = 1500
    let stage = PlannedStage(
      number: 0, name: "map", operatorName: "features.map", tasks: 2, feedsShuffle: true)
    let reader = PlannedStage(number: 1, name: "reduce", operatorName: "r", tasks: 1, upstream: [0])
    func attempt(_ number: Int, _ outcome: AttemptRecord.Outcome) -> ClusterEvent.What {
      .attemptEnded(
        AttemptRecord(
          job: job, stage: number, partition: 0, attempt: 1, worker: WorkerID(1), started: now, ended: now,
          outcome: outcome))
    }
    let report = StepReport(output: "/out", skipped: false, values: ["rows": 5], text: "5 users")
    let whats: [ClusterEvent.What] = [
      .driverStarted(name: "d", version: "1"),
      .workerJoined(WorkerID(1), WorkerInfo(name: "w", slots: 2, memory: 5, shuffleEndpoint: "h:1")),
      .jobSubmitted(record), .jobStarted(job), .job(job, .stepStarted(index: 0, type: "features", name: "f")),
      .graphStarted(job, step: 0, [stage, reader]), .workerChanged(WorkerID(1), .quiet),
      .workerChanged(WorkerID(1), .excluded(until: now, reason: "tasks failed")),
      attempt(0, .success(metrics)), attempt(1, .lost), attempt(1, .failed(.transient("disk full"))),
      .job(job, .notice("slow")), .workerLost(WorkerID(1), .disconnected("closed")),
      .stages(
        job,
        [
          StageNumbers(
            number: 0, tasks: 2, done: 2, failedAttempts: 1, speculativeAttempts: 1, metrics: metrics,
            seconds: 2)
        ], isEnd: true),
      .job(job, .stepFinished(index: 0, seconds: 2.5, report: report)), .job(job, .finished(.done)),
      .job(job, .finished(.failed("no"))),
    ]
    let lines = whats.compactMap { ClusterEvent(at: now, $0).json.map { JSONText.compact($0) } }
    let header = #"{"format":"swiftlet.events","version":1}"#
    return [Array(([header] + lines).joined(separator: "\n").utf8)]
  } check: { input in
    let job = JobID("j")
    var lines = EventLogLines(job: job)
    var replay = JobReplay()
    for line in input.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      guard let read = try unless(StateError.self, { try Array(line).withUnsafeBytes { try lines.read($0) } })
      else { return }
      guard let event = read else { continue }
      replay.apply(event)
      guard let written = event.json else { continue }
      let again = try ClusterEvent(json: written, job: job)
      try require(again?.json == written, "an event is another one after it was written: \(written)")
    }
    if let page = replay.page { _ = try JSONText.parse(page) }
  }
}
