import Wire

/// The result of one task of the last stage of a graph.
public struct TaskResult: Sendable {
  public let payload: [UInt8]
  public let metrics: TaskMetrics

  public init(payload: [UInt8], metrics: TaskMetrics) {
    self.payload = payload
    self.metrics = metrics
  }
}

/// Why a job ended early. The message is for people and complete: it names the place and what to do.
public enum JobFailure: Error, Hashable, Sendable, CustomStringConvertible {
  case failed(String)
  case cancelled
  case poisonTask(PoisonTask)

  public var description: String {
    switch self {
    case .failed(let message): message
    case .cancelled: "cancelled"
    case .poisonTask(let task): task.description
    }
  }
}

/// A task during which workers died again and again, the last time with nothing else on the worker.
public struct PoisonTask: Hashable, Sendable, CustomStringConvertible {
  /// Name of its stage.
  public let stage: String
  public let partition: Int
  /// Attempts made, also those that ended otherwise.
  public let attempts: Int
  /// Names of the workers that died, in order.
  public let workers: [String]

  public var description: String {
    "stage '\(stage)', task \(partition): \(workers.count) workers died while they ran it, the last one while it ran "
      + "nothing else (\(workers.joined(separator: ", "))); attempts: \(attempts)"
  }
}

/// The engine as a step's driver program sees it. The program runs on a thread of its own and may block.
public protocol JobSession: AnyObject, Sendable {
  var job: JobID { get }

  /// Runs the graph and returns the results of its last stage in the order of the partitions, whatever ran where.
  /// Its map outputs are dropped when it returns.
  /// - Throws: `JobFailure`.
  func run(_ graph: StageGraph) throws -> [TaskResult]

  /// Tells workers to drop what this job cached under keys that begin with `prefix`.
  func dropCache(prefix: String)

  /// Throws `JobFailure.cancelled` once the job has been asked to stop.
  func checkCancelled() throws

  /// A short line about what the step is doing, shown with its progress.
  func status(_ line: String)
}
