import Basics
import Engine
import Telemetry
import TestSupport
import Testing
import Wire

/// Events of a job that are easy to write.
struct ViewFeed {
  var view = ClusterView()
  var now: Int64 = 1_700_000_000_000_000
  let job: JobID

  init(_ name: String = "job-1", workers: Int = 2) {
    job = JobID(name)
    for worker in 0..<workers {
      let info = WorkerInfo(name: "host-\(worker)", slots: 2, memory: 1 << 30, shuffleEndpoint: "h:\(worker)")
      tell(.workerJoined(WorkerID(worker), info))
    }
    let record = JobRecord(
      id: job, name: "name of \(name)", isDetached: true, digest: "d",
      steps: [("features", "f"), ("segment", "s")],
      submitted: Moment(microseconds: now))
    tell(.jobSubmitted(record))
    tell(.jobStarted(job))
    tell(.job(job, .stepStarted(index: 0, type: "features", name: "f")))
  }

  mutating func tell(_ what: ClusterEvent.What) {
    now += 100
    view.apply(ClusterEvent(at: Moment(microseconds: now), what))
  }

  /// A graph of a map and a reduce stage, from `first` on.
  mutating func begin(_ first: Int, tasks: Int, step: Int = 0, name: String = "scan") {
    tell(
      .graphStarted(
        job, step: step,
        [
          PlannedStage(number: first, name: name, operatorName: "map", tasks: tasks, feedsShuffle: true),
          PlannedStage(number: first + 1, name: "merge", operatorName: "reduce", tasks: 2, upstream: [first]),
        ]))
  }

  mutating func attempt(
    _ stage: Int, _ partition: Int, worker: Int = 0, microseconds: Int = 1000,
    _ outcome: AttemptRecord.Outcome? = nil
  ) {
    var metrics = TaskMetrics()
    metrics.microseconds = microseconds
    metrics.rowsRead = 10
    let end = now + 100
    tell(
      .attemptEnded(
        AttemptRecord(
          job: job, stage: stage, partition: partition, attempt: 0, worker: WorkerID(worker),
          started: Moment(microseconds: end - Int64(microseconds)), ended: Moment(microseconds: end),
          outcome: outcome ?? .success(metrics))))
  }

  mutating func end(_ stage: Int, tasks: Int, failed: Int = 0) {
    var metrics = TaskMetrics()
    metrics.rowsRead = 10 * tasks
    let numbers = StageNumbers(
      number: stage, tasks: tasks, done: tasks, failedAttempts: failed, speculativeAttempts: 1,
      metrics: metrics, seconds: 0.5)
    tell(.stages(job, [numbers], isEnd: true))
  }

  var page: JSONValue {
    get throws {
      try JSONText.parse(try #require(view.page(of: job, now: Moment(microseconds: now))))
    }
  }

  var cluster: JSONValue { .object(view.clusterJSON(now: Moment(microseconds: now))) }
}

@Suite struct ClusterViewTests {
  /// No peer's numbers end the driver.
  @Test func whatWorkersClaimIsAddedUpSafely() throws {
    var feed = ViewFeed()
    feed.begin(0, tasks: 2)
    var claimed = TaskMetrics()
    claimed[.shuffleReadBytes] = .max
    claimed[.shuffleWriteBytes] = .max
    claimed.microseconds = .max
    for partition in 0..<2 { feed.attempt(0, partition, .success(claimed)) }
    #expect(try feed.page["stages", 0, "tasks"] == 2)
    #expect(feed.cluster["totals", "shuffleRead"] == .integer(.max))
  }

  @Test func showsStagesWithQuantilesAndSkew() throws {
    var feed = ViewFeed()
    feed.begin(0, tasks: 100)
    for partition in 0..<100 {
      feed.attempt(0, partition, worker: partition % 2, microseconds: partition == 99 ? 50_000 : 1000)
    }
    feed.end(0, tasks: 100)
    let page = try feed.page
    #expect(page["stages"].itemCount == 2)
    #expect(page["stages", 0, "name"] == "scan" && page["stages", 0, "done"] == 100)
    // Least and most are exact, what is between them to 3 %.
    #expect(page["stages", 0, "times", 0] == 1000 && page["stages", 0, "times", 5] == 50_000)
    for index in 1...4 { #expect((970...1030).contains(page["stages", 0, "times", index].whole)) }
    guard case .number(let skew) = page["stages", 0, "skew"] else { throw StateError.invalid("no skew") }
    #expect((48.5...51.5).contains(skew))
    #expect(page["stages", 0, "slowest", 0, "partition"] == 99)
    #expect(page["stages", 1, "upstream"] == [0])
    #expect(page["timeline", "lanes"].itemCount == 2)
    #expect(feed.cluster["workers", 0, "tasksDone"] == 50)
    #expect(feed.cluster["totals", "attempts", "success"] == 100)
  }

  @Test func stagesThatComeAgainAreRounds() throws {
    var feed = ViewFeed()
    for round in 0..<500 {
      feed.begin(2 * round, tasks: 3)
      for partition in 0..<3 { feed.attempt(2 * round, partition) }
      feed.end(2 * round, tasks: 3, failed: 1)
    }
    let page = try feed.page
    #expect(page["stages"].itemCount == 2 && page["stages", 0, "rounds"] == 500)
    #expect(page["stages", 0, "tasks"] == 1500 && page["stages", 0, "done"] == 1500)
    #expect(page["stages", 0, "failed"] == 500 && page["stages", 0, "speculativeAttempts"] == 500)
    #expect(page["stages", 0, "rowsRead"] == 15_000)
  }

  /// 1000 tasks a second for a quarter of an hour, with failures, in graphs of many shapes: the page stays as small as it was.
  @Test func doesNotGrowWithTasks() throws {
    var feed = ViewFeed(workers: 4)
    var size = 0
    for round in 0..<900 {
      feed.begin(2 * round, tasks: 1000, name: "scan \(round)")
      for partition in 0..<1000 {
        let isBad = partition % 50 == 0
        feed.attempt(
          2 * round, partition, worker: partition % 4,
          isBad ? .failed(.transient("the disk of this worker is full")) : nil)
      }
      feed.end(2 * round, tasks: 1000, failed: 20)
      feed.tell(.job(feed.job, .notice("notice \(round)")))
      if round == 599 {
        size = try #require(feed.view.page(of: feed.job, now: Moment(microseconds: feed.now))).utf8.count
      }
    }
    let page = try feed.page
    #expect(
      page["stages"].itemCount == 60 && page["problems"].itemCount == 30 && page["lines"].itemCount == 500)
    #expect(page["attempts", "failed"] == .integer(20 * 30), "of the shapes that are shown")
    #expect(feed.cluster["totals", "attempts", "transient"] == .integer(20 * 900), "all are counted")
    let end = try #require(feed.view.page(of: feed.job, now: Moment(microseconds: feed.now))).utf8.count
    #expect(end < size + size / 10, "\(size) bytes after 600,000 tasks, \(end) after 900,000")
  }

  @Test func tellsWhatWentWrong() throws {
    var feed = ViewFeed()
    feed.begin(0, tasks: 4)
    feed.attempt(0, 3, worker: 1, .failed(.transient("<script>alert(1)</script>")))
    feed.attempt(0, 2, worker: 1, .lost)
    feed.attempt(0, 1, worker: 1, .failed(.cancelled))
    feed.tell(.workerLost(WorkerID(1), .silent(seconds: 8)))
    let page = try feed.page
    #expect(page["problems"].itemCount == 2 && page["problems", 0, "kind"] == "lost")
    #expect(
      page["problems", 1, "message"] == "<script>alert(1)</script>"
        && page["problems", 1, "worker"] == "host-1")
    #expect(page["attempts"] == ["failed": 1, "lost": 1, "cancelled": 1])
    #expect(feed.cluster["problems", 0, "level"] == "error")
    #expect(feed.cluster["formerWorkers", 0, "reason"] == "silent for 8 s")
    feed.tell(
      .workerChanged(WorkerID(0), .excluded(until: Moment(microseconds: feed.now), reason: "3 tasks failed")))
    #expect(
      feed.cluster["workers", 0, "state"] == "excluded"
        && feed.cluster["workers", 0, "reason"] == "3 tasks failed")
  }

  @Test func aWorkerThatWasAskedToGoIsNoProblem() {
    var feed = ViewFeed()
    feed.tell(.workerChanged(WorkerID(1), .draining))
    feed.tell(.workerLost(WorkerID(1), .drained))
    #expect(feed.cluster["problems"].itemCount == 0 && feed.cluster["totals", "workersLost"] == 0)
  }

  @Test func jobsThatWaitForWorkersAreTold() {
    let feed = ViewFeed(workers: 0)
    #expect(feed.cluster["problems", 0, "text"] == "No worker is there, and 1 job cannot go on.")
  }

  @Test func endedJobsKeepTheirPages() throws {
    var feed = ViewFeed()
    feed.begin(0, tasks: 1)
    feed.attempt(0, 0)
    feed.end(0, tasks: 1)
    feed.tell(.job(feed.job, .finished(.failed("events.jsonl:17: not a number"))))
    let page = try feed.page
    #expect(page["state"] == "failed" && page["error"] == "events.jsonl:17: not a number")
    #expect(page["stages", 0, "done"] == 1)
    // Late reports change nothing.
    feed.attempt(0, 0)
    #expect(try feed.page == page)
  }

  @Test func queuedTasksAreThoseThatCouldRun() throws {
    var feed = ViewFeed()
    feed.begin(0, tasks: 10)
    let running = StageNumbers(number: 0, tasks: 10, running: 3, done: 2, seconds: 1)
    let waiting = StageNumbers(number: 1, tasks: 2)
    feed.tell(.stages(feed.job, [running, waiting], isEnd: false))
    #expect(feed.cluster["queuedTasks"] == 5)
    #expect(try feed.page["runningTasks"] == 3)
  }
}
