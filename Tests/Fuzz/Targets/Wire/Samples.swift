import Wire

/// Messages of every kind, with empty and non-empty lists.
enum Samples {
  static let job = JobID("segments-7")
  static let stage = StageID(job: job, number: 3)
  static let attempt = TaskAttemptID(task: TaskID(stage: stage, partition: 300), attempt: 2)

  static let failures: [TaskFailure] = [
    .transient("disk full"), .fatal(""), .badInput(location: "s3://b/k:17", message: "kein JSON 🙈"),
    .lostMapOutput(attempt, message: "gone"), .cancelled,
  ]

  static var metrics: TaskMetrics {
    var metrics = TaskMetrics()
    metrics.rowsRead = .max
    metrics.microseconds = 300
    return metrics
  }

  private static var batch: TaskBatch {
    var batch = TaskBatch()
    batch.stages = [
      StageDefinition(
        id: stage, operatorName: "features", parameters: [1, 2], outputPartitions: 8, upstream: [stage])
    ]
    batch.locations = [
      MapOutputLocations(
        stage: stage, endpoints: ["[::1]:1", "memory:w"], owners: [0, 1], attempts: [0, 5])
    ]
    batch.tasks = [TaskLaunch(attempt: attempt, input: [7, 8, 9], cacheKey: "matrix")]
    return batch
  }

  static let driver: [DriverMessage] = [
    .registered(WorkerID(5)), .launch(batch), .launch(TaskBatch()), .cancel([attempt, attempt]),
    .release([stage]), .dropCache(job, prefix: "m/"), .heartbeat, .goodbye, .peerLost("host:7"),
  ]

  static let worker: [WorkerMessage] = [
    .register(WorkerInfo(name: "w@h", slots: 4, memory: 2 << 30, shuffleEndpoint: "127.0.0.1:80")),
    .reports(failures.map { TaskReport(attempt: attempt, outcome: .failure($0)) }),
    .reports([
      TaskReport(
        attempt: attempt,
        outcome: .success(TaskSuccess(result: [9], blockSizes: [0, .max], isCached: true, metrics: metrics)))
    ]),
    .heartbeat([TaskProgress(attempt: attempt, rows: 1, bytes: .max)]), .heartbeat([]), .draining,
  ]
}
