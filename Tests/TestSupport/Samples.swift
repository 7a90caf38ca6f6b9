import Wire

/// At least one message of every kind, with empty and with full lists.
package enum Samples {
  package static let job = JobID("user-segmentation_7.b")
  package static let stage = StageID(job: job, number: 3)
  package static let attempt = TaskAttemptID(task: TaskID(stage: stage, partition: 300), attempt: 2)
  package static let failures: [TaskFailure] = [
    .transient("disk full"), .fatal(""), .badInput(location: "s3://b/k:17", message: "„kein“ JSON 🙈"),
    .lostMapOutput(attempt, message: "gone"), .cancelled,
  ]

  package static var metrics: TaskMetrics {
    var metrics = TaskMetrics()
    metrics.rowsRead = .max
    metrics.bytesRead = 1
    metrics.microseconds = 128
    return metrics
  }

  private static var batch: TaskBatch {
    var batch = TaskBatch()
    batch.stages = [
      StageDefinition(
        id: stage, operatorName: "features", parameters: [1, 2, 3], outputPartitions: 8, upstream: [stage]),
      StageDefinition(id: stage, operatorName: "", parameters: [], outputPartitions: 0, upstream: []),
    ]
    batch.locations = [
      MapOutputLocations(
        stage: stage, endpoints: ["[::1]:1", "memory:w"], owners: [0, 1, 1], attempts: [0, 5, 0])
    ]
    batch.tasks = [
      TaskLaunch(attempt: attempt, input: Array(0...255), cacheKey: "matrix"),
      TaskLaunch(attempt: attempt, input: [], cacheKey: ""),
    ]
    return batch
  }

  package static let toWorker: [DriverMessage] = [
    .registered(WorkerID(5)), .launch(batch), .launch(TaskBatch()), .cancel([attempt, attempt]),
    .release([stage]),
    .dropCache(job, prefix: "m/"), .heartbeat, .goodbye, .peerLost("host:7"),
  ]

  package static let toDriver: [WorkerMessage] = [
    .register(WorkerInfo(name: "w@h", slots: 4, memory: 2 << 30, shuffleEndpoint: "127.0.0.1:80")),
    .reports(
      failures.map { TaskReport(attempt: attempt, outcome: .failure($0)) } + [
        TaskReport(
          attempt: attempt,
          outcome: .success(
            TaskSuccess(result: [9], blockSizes: [0, .max], isCached: true, metrics: metrics)))
      ]),
    .heartbeat([TaskProgress(attempt: attempt, rows: 1, bytes: .max)]), .heartbeat([]), .draining,
  ]

  package static var frames: [Frame] {
    toWorker.map { Frame(type: $0.frameType, payload: $0.payload) }
      + toDriver.map { Frame(type: $0.frameType, payload: $0.payload) }
  }
}
