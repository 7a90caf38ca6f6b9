import Wire

/// SplitMix64: the same numbers in every run.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) }
  }
}

/// At least one message of every kind, with empty and with full lists.
enum Samples {
  static let job = JobID("user-segmentation_7.b")
  static let stage = StageID(job: job, number: 3)
  static let attempt = TaskAttemptID(task: TaskID(stage: stage, partition: 300), attempt: 2)
  static let failures: [TaskFailure] = [
    .transient("disk full"), .fatal(""), .badInput(location: "s3://b/k:17", message: "„kein“ JSON 🙈"),
    .lostMapOutput(attempt, message: "gone"), .cancelled,
  ]

  static var metrics: TaskMetrics {
    var metrics = TaskMetrics()
    metrics.rowsRead = .max
    metrics.bytesRead = 1
    metrics.microseconds = 128
    return metrics
  }

  static var batch: TaskBatch {
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

  static let toWorker: [DriverMessage] = [
    .registered(WorkerID(5)), .launch(batch), .launch(TaskBatch()), .cancel([attempt, attempt]),
    .release([stage]),
    .dropCache(job, prefix: "m/"), .heartbeat, .goodbye, .peerLost("host:7"),
  ]

  static let toDriver: [WorkerMessage] = [
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

  static var frames: [Frame] {
    toWorker.map { Frame(type: $0.frameType, payload: $0.payload) }
      + toDriver.map { Frame(type: $0.frameType, payload: $0.payload) }
  }
}
